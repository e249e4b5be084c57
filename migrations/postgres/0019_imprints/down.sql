ALTER TABLE accounts DROP COLUMN imprint;
DROP TABLE directory_imprints;
ALTER TABLE audit_streams DROP COLUMN last_at;
ALTER TABLE timeline DROP COLUMN salts;
ALTER TABLE timeline DROP COLUMN texts;
ALTER TABLE timeline DROP COLUMN facts;
ALTER TABLE timeline DROP COLUMN hash_version;
