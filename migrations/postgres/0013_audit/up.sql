CREATE TABLE audit_streams (
    stream TEXT NOT NULL CONSTRAINT audit_streams_pkey PRIMARY KEY,
    last_sequence BIGINT NOT NULL,
    last_hash TEXT NOT NULL
);

CREATE TABLE audit (
    stream TEXT NOT NULL,
    sequence BIGINT NOT NULL CONSTRAINT audit_sequence_positive CHECK (sequence > 0),
    at TEXT NOT NULL,
    account_id BIGINT,
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
);

CREATE INDEX audit_by_time ON audit (at, stream, sequence);
CREATE INDEX audit_by_subject ON audit (subject, subject_kind);

CREATE TABLE audit_heads (
    day TEXT NOT NULL CONSTRAINT audit_heads_pkey PRIMARY KEY,
    made_at TEXT NOT NULL,
    streams BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    streams_hash TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    hash TEXT NOT NULL,
    signature TEXT NOT NULL
);

CREATE TABLE audit_head_streams (
    day TEXT NOT NULL CONSTRAINT audit_head_streams_head_exists REFERENCES audit_heads (day),
    stream TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT audit_head_streams_pkey PRIMARY KEY (stream, day)
);

CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit record is only added to';
END $$;

CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_heads_is_kept BEFORE UPDATE OR DELETE ON audit_heads
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_heads_is_not_emptied BEFORE TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_head_streams_is_kept BEFORE UPDATE OR DELETE ON audit_head_streams
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_head_streams_is_not_emptied BEFORE TRUNCATE ON audit_head_streams
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_streams_moves_on BEFORE UPDATE ON audit_streams
    FOR EACH ROW WHEN (NEW.stream <> OLD.stream OR NEW.last_sequence <> OLD.last_sequence + 1)
    EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_streams_is_kept BEFORE DELETE ON audit_streams
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_streams_is_not_emptied BEFORE TRUNCATE ON audit_streams
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
