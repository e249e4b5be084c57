CREATE TABLE audit_streams (
    stream TEXT NOT NULL CONSTRAINT audit_streams_pkey PRIMARY KEY,
    last_sequence INTEGER NOT NULL,
    last_hash TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    stream TEXT NOT NULL,
    sequence INTEGER NOT NULL CONSTRAINT audit_sequence_positive CHECK (sequence > 0),
    at TEXT NOT NULL,
    account_id INTEGER,
    roles TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    source TEXT,
    request_id TEXT,
    detail TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT audit_pkey PRIMARY KEY (stream, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_time ON audit (at, stream, sequence);
CREATE INDEX audit_by_subject ON audit (subject, subject_kind);

CREATE TABLE audit_heads (
    day TEXT NOT NULL CONSTRAINT audit_heads_pkey PRIMARY KEY,
    made_at TEXT NOT NULL,
    streams INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    streams_hash TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    hash TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head_streams (
    day TEXT NOT NULL CONSTRAINT audit_head_streams_head_exists REFERENCES audit_heads (day),
    stream TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT audit_head_streams_pkey PRIMARY KEY (stream, day)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
CREATE TRIGGER audit_heads_is_not_changed BEFORE UPDATE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
CREATE TRIGGER audit_heads_is_not_deleted BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
CREATE TRIGGER audit_head_streams_is_not_changed BEFORE UPDATE ON audit_head_streams
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
CREATE TRIGGER audit_head_streams_is_not_deleted BEFORE DELETE ON audit_head_streams
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
CREATE TRIGGER audit_streams_moves_on BEFORE UPDATE ON audit_streams
WHEN NEW.stream <> OLD.stream OR NEW.last_sequence <> OLD.last_sequence + 1
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
CREATE TRIGGER audit_streams_is_not_deleted BEFORE DELETE ON audit_streams
BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;
