-- Uploaded files; the bytes lie in the store of files under the id. petition_id is set once, in the transaction that joins.
CREATE TABLE attachments (
    id TEXT NOT NULL CONSTRAINT attachments_pkey PRIMARY KEY,
    account_id BIGINT CONSTRAINT attachments_account_exists REFERENCES accounts (id),
    kind TEXT NOT NULL CONSTRAINT attachments_kind_known CHECK (kind IN ('image', 'video', 'pdf', 'audio')),
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT attachments_state_known CHECK (state IN ('scanning', 'ready', 'infected', 'damaged')),
    created_at TIMESTAMP NOT NULL,
    check_at TIMESTAMP NOT NULL,
    petition_id BIGINT CONSTRAINT attachments_petition_exists REFERENCES petitions (id),
    occasion TEXT CONSTRAINT attachments_occasion_known CHECK (occasion IN ('file', 'reply')),
    joined_at TIMESTAMP,
    position INTEGER
);

CREATE INDEX attachments_of_petition ON attachments (petition_id) WHERE petition_id IS NOT NULL;
CREATE INDEX attachments_unused ON attachments (created_at) WHERE petition_id IS NULL;
CREATE INDEX attachments_to_check ON attachments (check_at) WHERE state = 'scanning';

-- Uploads in pieces (tus); length is that of the whole file.
CREATE TABLE uploads (
    id TEXT NOT NULL CONSTRAINT uploads_pkey PRIMARY KEY,
    account_id BIGINT CONSTRAINT uploads_account_exists REFERENCES accounts (id),
    length BIGINT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    attachment_id TEXT
);

CREATE INDEX uploads_expired ON uploads (expires_at);

CREATE TABLE upload_parts (
    upload_id TEXT NOT NULL CONSTRAINT upload_parts_upload_exists REFERENCES uploads (id),
    starts_at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT upload_parts_pkey PRIMARY KEY (upload_id, starts_at)
);
