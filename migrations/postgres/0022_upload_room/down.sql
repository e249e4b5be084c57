DROP TABLE recipient_days;
DROP INDEX uploads_open_length;
DROP INDEX attachments_unjoined_size;
ALTER TABLE uploads DROP COLUMN begun_at;
ALTER TABLE uploads DROP COLUMN source;
DROP TABLE upload_sources;
