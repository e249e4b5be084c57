-- Only for an empty database: without the keys nobody can open what is sealed.
DROP TABLE anonymisations;
DROP TABLE personal_state;
ALTER TABLE unsubscribed_addresses DROP COLUMN address;
ALTER TABLE accounts DROP COLUMN phone;
ALTER TABLE accounts DROP COLUMN email;
ALTER TABLE accounts RENAME COLUMN phone_hash TO phone;
ALTER TABLE accounts RENAME COLUMN email_hash TO email;
DROP TABLE petitioners;
ALTER TABLE petitioners_in_clear RENAME TO petitioners;
