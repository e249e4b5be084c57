-- Published reports. Rows are only ever inserted; sha256 is over the canonical bytes of services/snapshots/digest.rs.
CREATE TABLE snapshots (
    code TEXT NOT NULL CONSTRAINT snapshots_pkey PRIMARY KEY,
    title TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by INTEGER NOT NULL CONSTRAINT snapshots_creator_exists REFERENCES accounts (id),
    as_of TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    question TEXT NOT NULL,
    figures TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;

CREATE INDEX snapshots_newest ON snapshots (created_at DESC, code DESC);

-- The petitions behind a report as they were at its cut-off, one line each, one text for each month of receipt.
CREATE TABLE snapshot_petitions (
    snapshot_code TEXT NOT NULL CONSTRAINT snapshot_petitions_snapshot_exists REFERENCES snapshots (code),
    received_in TEXT NOT NULL,
    petition_count INTEGER NOT NULL,
    lines TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    CONSTRAINT snapshot_petitions_pkey PRIMARY KEY (snapshot_code, received_in)
) STRICT;
