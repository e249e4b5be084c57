CREATE TABLE accounts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CONSTRAINT accounts_kind_known CHECK (kind IN ('citizen', 'business', 'officer')),
    username TEXT CONSTRAINT accounts_username_unique UNIQUE,
    phone TEXT CONSTRAINT accounts_phone_unique UNIQUE,
    email TEXT CONSTRAINT accounts_email_unique UNIQUE,
    full_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    agency_id INTEGER CONSTRAINT accounts_agency_exists REFERENCES agencies (id),
    personal_id TEXT,
    company_name TEXT,
    tax_code TEXT,
    state TEXT NOT NULL CONSTRAINT accounts_state_known CHECK (state IN ('active', 'disabled')),
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX accounts_by_agency ON accounts (agency_id, id);

CREATE TABLE account_roles (
    account_id INTEGER NOT NULL CONSTRAINT account_roles_account_exists REFERENCES accounts (id),
    role TEXT NOT NULL CONSTRAINT account_roles_role_known
        CHECK (role IN ('citizen', 'business', 'clerk', 'handler', 'leader', 'coordinator', 'reviewer', 'admin')),
    CONSTRAINT account_roles_pkey PRIMARY KEY (account_id, role)
) STRICT;

CREATE TABLE sessions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL CONSTRAINT sessions_account_exists REFERENCES accounts (id),
    family TEXT NOT NULL,
    token_hash TEXT NOT NULL CONSTRAINT sessions_token_unique UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    ended_at TEXT
) STRICT;

CREATE INDEX sessions_by_family ON sessions (family);
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
