-- Whom a provider of identities knows by which subject.
CREATE TABLE oidc_identities (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    realm TEXT NOT NULL CONSTRAINT oidc_identities_realm_known CHECK (realm IN ('citizen', 'officer')),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id INTEGER NOT NULL CONSTRAINT oidc_identities_account_exists REFERENCES accounts (id),
    linked_at TEXT NOT NULL,
    last_used_at TEXT,
    CONSTRAINT oidc_identities_subject_unique UNIQUE (realm, issuer, subject),
    CONSTRAINT oidc_identities_account_unique UNIQUE (account_id, issuer)
) STRICT;

-- Sign-ins and links that were begun and not finished; nonce, PKCE verifier and address lie sealed. account_id: who links.
CREATE TABLE oidc_sign_ins (
    state_hash TEXT NOT NULL CONSTRAINT oidc_sign_ins_pkey PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    realm TEXT NOT NULL CONSTRAINT oidc_sign_ins_realm_known CHECK (realm IN ('citizen', 'officer')),
    account_id INTEGER CONSTRAINT oidc_sign_ins_account_exists REFERENCES accounts (id),
    sealed TEXT NOT NULL,
    begun_at TEXT NOT NULL
) STRICT;

CREATE INDEX oidc_sign_ins_by_time ON oidc_sign_ins (begun_at);
