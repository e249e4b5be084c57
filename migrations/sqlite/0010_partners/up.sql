-- Keys of other systems. Only a hash of a key is kept; two keys of one partner see the same petitions, so that a key can be replaced.
CREATE TABLE api_keys (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    partner TEXT NOT NULL,
    key_hash TEXT NOT NULL CONSTRAINT api_keys_hash_unique UNIQUE,
    scope TEXT NOT NULL CONSTRAINT api_keys_scope_known CHECK (scope IN ('open311', 'exchange')),
    channel TEXT NOT NULL,
    requests_per_hour INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    ended_at TEXT,
    version INTEGER NOT NULL
) STRICT;

-- How often each key came in its present hour.
CREATE TABLE api_key_hours (
    api_key_id INTEGER NOT NULL PRIMARY KEY CONSTRAINT api_key_hours_key_exists REFERENCES api_keys (id),
    begun_at TEXT NOT NULL,
    requests INTEGER NOT NULL
) STRICT;

-- Which petition a partner knows under which name: its own id, or for Open311 the hash of the token that it was given.
CREATE TABLE partner_petitions (
    partner_id TEXT NOT NULL,
    partner TEXT NOT NULL,
    petition_id INTEGER NOT NULL CONSTRAINT partner_petitions_petition_exists REFERENCES petitions (id),
    body_hash TEXT NOT NULL,
    CONSTRAINT partner_petitions_pkey PRIMARY KEY (partner_id, partner)
) STRICT;

CREATE INDEX partner_petitions_by_petition ON partner_petitions (petition_id, partner);
