-- Limits as leaky buckets: when each is empty again, in microseconds since 1970. The key is a keyed hash, never an address.
-- Lost when the server ends badly: everybody then begins with a whole limit.
CREATE UNLOGGED TABLE leaky_buckets (
    key TEXT NOT NULL CONSTRAINT leaky_buckets_pkey PRIMARY KEY,
    empty_at BIGINT NOT NULL,
    is_high BOOLEAN NOT NULL
);

CREATE INDEX leaky_buckets_past ON leaky_buckets (empty_at);

-- Puzzles whose answers were shown, as hashes: each is good once.
CREATE TABLE spent_proofs (
    puzzle TEXT NOT NULL CONSTRAINT spent_proofs_pkey PRIMARY KEY,
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX spent_proofs_past ON spent_proofs (expires_at);
