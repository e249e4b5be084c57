-- Personal data are sealed from here on; what lies in clear is sealed by the next start, which has the keys.
ALTER TABLE petitioners RENAME TO petitioners_in_clear;

-- person holds name, phone, e-mail, company, tax code, pin and address, sealed together.
CREATE TABLE petitioners (
    petition_id INTEGER NOT NULL CONSTRAINT petitioners_pkey PRIMARY KEY CONSTRAINT petitioners_petition_exists REFERENCES petitions (id),
    person TEXT NOT NULL,
    phone_hash TEXT,
    email_hash TEXT,
    hide_identity INTEGER NOT NULL CHECK (hide_identity IN (0, 1)),
    tracking_hash TEXT
) STRICT;

-- The unique columns hold keyed hashes; the values stand beside them, sealed.
ALTER TABLE accounts RENAME COLUMN phone TO phone_hash;
ALTER TABLE accounts RENAME COLUMN email TO email_hash;
ALTER TABLE accounts ADD COLUMN phone TEXT;
ALTER TABLE accounts ADD COLUMN email TEXT;
UPDATE accounts SET phone = phone_hash, email = email_hash;

-- The address itself, sealed, so that its hash can be made anew under another key.
ALTER TABLE unsubscribed_addresses ADD COLUMN address TEXT;

-- Whether everything that was there before is sealed.
CREATE TABLE personal_state (
    id INTEGER NOT NULL CONSTRAINT personal_state_pkey PRIMARY KEY CONSTRAINT personal_state_single CHECK (id = 1),
    sealed_at TEXT
) STRICT;

INSERT INTO personal_state (id) VALUES (1);

-- Petitions whose person was taken out, and why.
CREATE TABLE anonymisations (
    petition_id INTEGER NOT NULL CONSTRAINT anonymisations_pkey PRIMARY KEY CONSTRAINT anonymisations_petition_exists REFERENCES petitions (id),
    cause TEXT NOT NULL CONSTRAINT anonymisations_cause_known CHECK (cause IN ('retention', 'erasure')),
    anonymised_at TEXT NOT NULL
) STRICT;
