-- Up to which head the audit record was anchored outside of this database.
CREATE TABLE audit_anchors (
    anchor TEXT NOT NULL CONSTRAINT audit_anchors_pkey PRIMARY KEY,
    period TEXT NOT NULL,
    anchored_at TEXT NOT NULL
) STRICT;
