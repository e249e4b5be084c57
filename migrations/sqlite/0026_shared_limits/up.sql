-- Limits as leaky buckets: when each is empty again, in microseconds since 1970. The key is a keyed hash, never an address.
-- Used on PostgreSQL only, where several processes count together; here so that both databases have the same tables.
CREATE TABLE leaky_buckets (
    key TEXT NOT NULL CONSTRAINT leaky_buckets_pkey PRIMARY KEY,
    empty_at INTEGER NOT NULL,
    is_high INTEGER NOT NULL CHECK (is_high IN (0, 1))
) STRICT;

CREATE INDEX leaky_buckets_past ON leaky_buckets (empty_at);

-- Puzzles whose answers were shown, as hashes: each is good once.
CREATE TABLE spent_proofs (
    puzzle TEXT NOT NULL CONSTRAINT spent_proofs_pkey PRIMARY KEY,
    expires_at TEXT NOT NULL
) STRICT;

CREATE INDEX spent_proofs_past ON spent_proofs (expires_at);
