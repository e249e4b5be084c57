DROP TABLE spent_proofs;
DROP TABLE leaky_buckets;
