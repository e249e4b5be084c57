-- How an entry is hashed: 1 over its texts themselves, 2 over imprints, which stay when a text and its salt go.
ALTER TABLE timeline ADD COLUMN hash_version INTEGER NOT NULL DEFAULT 1;
-- Hashes of the rows that the step left behind, by name, as JSON.
ALTER TABLE timeline ADD COLUMN facts TEXT NOT NULL DEFAULT '';
-- Salted hashes of texts, by name, as JSON, and their salts.
ALTER TABLE timeline ADD COLUMN texts TEXT NOT NULL DEFAULT '';
ALTER TABLE timeline ADD COLUMN salts TEXT NOT NULL DEFAULT '';

-- When the last entry of a stream was written, so that none is before it.
ALTER TABLE audit_streams ADD COLUMN last_at TEXT NOT NULL DEFAULT '';

-- The directory at each of its versions: hashes of the rows that have changed, of all of it, and of the version before.
CREATE TABLE directory_imprints (
    sequence INTEGER NOT NULL CONSTRAINT directory_imprints_pkey PRIMARY KEY,
    at TEXT NOT NULL,
    changed TEXT NOT NULL,
    whole TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

-- Keyed hash of the account with its roles, written with every change of it.
ALTER TABLE accounts ADD COLUMN imprint TEXT;
