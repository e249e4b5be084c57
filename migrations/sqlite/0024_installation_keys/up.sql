-- Which keys belong to this database, as fingerprints that say nothing of the keys: a start with others is refused.
CREATE TABLE installation_keys (
    purpose TEXT NOT NULL CONSTRAINT installation_keys_pkey PRIMARY KEY
        CONSTRAINT installation_keys_purpose_known CHECK (purpose IN ('access_tokens', 'personal_data', 'audit')),
    fingerprint TEXT NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;

-- The few that are open again after they were answered: without it nobody finds them but by looking at all that were ever answered.
CREATE INDEX petitions_open_again ON petitions (agency_id) WHERE settled_at IS NOT NULL AND status IN
    ('received', 'assigned', 'in_progress', 'waiting_for_petitioner', 'awaiting_approval');
