-- What one source has uploaded in an hour (counted since 1970); the source is a keyed hash, never an address.
CREATE TABLE upload_sources (
    source TEXT NOT NULL,
    hour BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    CONSTRAINT upload_sources_pkey PRIMARY KEY (source, hour)
);

CREATE INDEX upload_sources_past ON upload_sources (hour);

-- Who pays for an upload in pieces, and since when it is open.
ALTER TABLE uploads ADD COLUMN source TEXT;
ALTER TABLE uploads ADD COLUMN begun_at TIMESTAMP;

-- What is not joined to a petition is summed at each upload.
CREATE INDEX attachments_unjoined_size ON attachments (size, petition_id) WHERE petition_id IS NULL;
CREATE INDEX uploads_open_length ON uploads (length, attachment_id) WHERE attachment_id IS NULL;

-- Messages to one address or phone on a day (counted since 1970, in Việt Nam); the recipient is a keyed hash.
CREATE TABLE recipient_days (
    recipient TEXT NOT NULL,
    day BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    CONSTRAINT recipient_days_pkey PRIMARY KEY (recipient, day)
);

CREATE INDEX recipient_days_past ON recipient_days (day);
