-- One filing as the program sends it to PostgreSQL, in the order of its statements; taken from the log of the server
-- (log_statement = all). The benchmark gives the texts with --define, so that they are parameters as in the program. Where
-- pgbench cannot do the same it does less: keys and hashes are shorter, empty columns and counters at zero are no parameters.
\set key random(1, 9000000000000000)
\set code random(1000000000000, 9999999999999)
\set agency random(1, :agencies)
\set area random(1, :areas)
\set category random(1, :categories)
BEGIN;
INSERT INTO idempotency_keys (caller, key_hash, body_hash, salt, status, response, created_at) VALUES (:caller, :key, :hash, :salt, :zero, '', :at) ON CONFLICT (caller, key_hash) DO NOTHING;
SELECT directory_state.directory_version, directory_state.calendar_version, directory_state.is_demo FROM directory_state LIMIT :one;
INSERT INTO petitions (code, kind, category_id, area_id, channel, urgency, petitioner_kind, account_id, status, version, agency_id, assignee_id, routing_rule_id, received_at, received_on, due_at, paused_at, system_due_at, first_answered_at, timeliness, settled_at, score, answer_count, reopening_count, hop_count, extension, reopening, merged_into_id) VALUES (:code, :kind, :category, :area, :channel, :urgency, :petitioner_kind, NULL, :assigned, :one, :agency, NULL, :one, :at, :day, :due_at, NULL, NULL, NULL, NULL, NULL, NULL, :zero, :zero, :zero, :none, :none, NULL) RETURNING id AS petition \gset
INSERT INTO register_counters (agency_id, year, last_number) VALUES (:agency, :year, 1) ON CONFLICT (agency_id, year) DO UPDATE SET last_number = register_counters.last_number + 1 RETURNING last_number AS number \gset
INSERT INTO documents (petition_id, agency_id, year, number, status, arrived_at, due_at, assignee_id, handed_on_at, version) VALUES (:petition, :agency, :year, :number, :arrived, :at, :due_at, NULL, NULL, :one) RETURNING id AS document \gset
INSERT INTO notifications (petition_id, sequence, audience, agency_id, created_at) VALUES (:petition, :one, :to_petitioner, :agency, :at);
INSERT INTO notifications (petition_id, sequence, audience, agency_id, created_at) VALUES (:petition, :one, :to_agency, :agency, :at);
INSERT INTO timeline (petition_id, sequence, at, action, actor_kind, actor_id, status, agency_id, document_id, due_at, score, is_public, note, detail, chain_hash) VALUES (:petition, :one, :at, :file, :to_petitioner, NULL, :assigned, :agency, :document, :due_at, NULL, :yes, NULL, :detail, :hash);
INSERT INTO statistics_changes (event_on, received_in, agency_id, category_id, channel, petitioner_kind, urgency, area_id, counters) VALUES (:day, :month, :agency, :category, :channel, :petitioner_kind, :urgency, :area, :filed);
INSERT INTO statistics_changes (event_on, received_in, agency_id, category_id, channel, petitioner_kind, urgency, area_id, counters) VALUES (:due_day, :month, :agency, :category, :channel, :petitioner_kind, :urgency, :area, :passes);
INSERT INTO petition_texts (petition_id, title, content, search_text) VALUES (:petition, :title, :content, :search_text);
INSERT INTO petitioners (petition_id, person, phone_hash, email_hash, hide_identity, tracking_hash) VALUES (:petition, :person, :hash, NULL, :no, :hash);
INSERT INTO deadlines (petition_id, rule_id, calendar_version, starts_at, paused_working_ms, extended_until, explanation) VALUES (:petition, :one, :one, :at, :zero, NULL, :explanation);
UPDATE idempotency_keys SET status = :created, response = :response WHERE caller = :caller AND key_hash = :key;
COMMIT;
