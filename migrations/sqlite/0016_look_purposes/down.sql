ALTER TABLE identity_looks DROP COLUMN purpose;
