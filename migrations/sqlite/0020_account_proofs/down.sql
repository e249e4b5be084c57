DELETE FROM delivery_attempts WHERE outbox_id IN (SELECT id FROM outbox WHERE account_message_id IS NOT NULL OR channel = 'sms');
DELETE FROM outbox WHERE account_message_id IS NOT NULL OR channel = 'sms';
CREATE TABLE old_outbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL CONSTRAINT outbox_key_unique UNIQUE,
    petition_id INTEGER CONSTRAINT outbox_petition_exists REFERENCES petitions (id),
    sequence INTEGER NOT NULL,
    webhook_id INTEGER CONSTRAINT outbox_webhook_exists REFERENCES webhooks (id),
    channel TEXT NOT NULL CONSTRAINT outbox_channel_known CHECK (channel IN ('zalo', 'zns', 'email', 'in_app', 'webhook')),
    state TEXT NOT NULL CONSTRAINT outbox_state_known CHECK (state IN ('due', 'delivered', 'dead', 'dropped')),
    is_urgent INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
    attempts INTEGER NOT NULL,
    is_uncertain INTEGER NOT NULL CHECK (is_uncertain IN (0, 1)),
    due_at TEXT NOT NULL,
    holder TEXT,
    held_until TEXT,
    problem TEXT,
    created_at TEXT NOT NULL,
    settled_at TEXT,
    password_reset_id INTEGER CONSTRAINT outbox_password_reset_exists REFERENCES password_resets (id),
    CONSTRAINT outbox_about_something CHECK ((petition_id IS NULL) <> (password_reset_id IS NULL))
) STRICT;

INSERT INTO old_outbox
SELECT id, key, petition_id, sequence, webhook_id, channel, state, is_urgent, attempts, is_uncertain, due_at, holder, held_until, problem,
       created_at, settled_at, password_reset_id
FROM outbox;
DROP TABLE outbox;
ALTER TABLE old_outbox RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'due';
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX outbox_by_petition ON outbox (petition_id, id);
CREATE INDEX outbox_by_webhook ON outbox (webhook_id, id) WHERE webhook_id IS NOT NULL;
DROP TABLE officer_checks;
DROP TABLE account_messages;
DROP TABLE claimed_contacts;
ALTER TABLE sessions DROP COLUMN device_mark;
