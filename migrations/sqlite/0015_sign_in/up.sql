-- Wrong sign-ins by keyed hash of the name or of the source; who has signed in from where stands there too, without a failure.
CREATE TABLE sign_in_marks (
    mark TEXT NOT NULL CONSTRAINT sign_in_marks_pkey PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    blocked_until TEXT
) STRICT;

CREATE INDEX sign_in_marks_by_time ON sign_in_marks (last_at);

-- The secret of the codes is sealed; a code of a step up to last_step has been used.
CREATE TABLE second_factors (
    account_id INTEGER NOT NULL CONSTRAINT second_factors_pkey PRIMARY KEY CONSTRAINT second_factors_account_exists REFERENCES accounts (id),
    secret TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    confirmed_at TEXT,
    last_step INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
    account_id INTEGER NOT NULL CONSTRAINT recovery_codes_account_exists REFERENCES accounts (id),
    code_hash TEXT NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (account_id, code_hash)
) STRICT;

-- Earlier passwords of officers, so that an administrator does not take one of them again.
CREATE TABLE earlier_passwords (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL CONSTRAINT earlier_passwords_account_exists REFERENCES accounts (id),
    password_hash TEXT NOT NULL,
    replaced_at TEXT NOT NULL
) STRICT;

CREATE INDEX earlier_passwords_by_account ON earlier_passwords (account_id, id);

-- Somebody has asked for a new password under a name (sealed); whether there is such an account is found out later, by the worker.
CREATE TABLE password_reset_requests (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    login TEXT NOT NULL,
    requested_at TEXT NOT NULL
) STRICT;

CREATE TABLE password_resets (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL CONSTRAINT password_resets_account_exists REFERENCES accounts (id),
    begun_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;

CREATE INDEX password_resets_by_account ON password_resets (account_id, id);

-- The last day on which somebody used the account.
CREATE TABLE account_activity (
    account_id INTEGER NOT NULL CONSTRAINT account_activity_pkey PRIMARY KEY CONSTRAINT account_activity_account_exists REFERENCES accounts (id),
    last_active_on TEXT NOT NULL
) STRICT;

-- What the owner knows a session by, and since when it has been going on.
ALTER TABLE sessions ADD COLUMN device TEXT;
ALTER TABLE sessions ADD COLUMN begun_at TEXT;

-- A line may also be about an account, without any petition.
CREATE TABLE new_outbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL CONSTRAINT outbox_key_unique UNIQUE,
    petition_id INTEGER CONSTRAINT outbox_petition_exists REFERENCES petitions (id),
    sequence INTEGER NOT NULL,
    webhook_id INTEGER CONSTRAINT outbox_webhook_exists REFERENCES webhooks (id),
    channel TEXT NOT NULL CONSTRAINT outbox_channel_known CHECK (channel IN ('zalo', 'zns', 'email', 'in_app', 'webhook')),
    state TEXT NOT NULL CONSTRAINT outbox_state_known CHECK (state IN ('due', 'delivered', 'dead', 'dropped')),
    is_urgent INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
    attempts INTEGER NOT NULL,
    is_uncertain INTEGER NOT NULL CHECK (is_uncertain IN (0, 1)),
    due_at TEXT NOT NULL,
    holder TEXT,
    held_until TEXT,
    problem TEXT,
    created_at TEXT NOT NULL,
    settled_at TEXT,
    password_reset_id INTEGER CONSTRAINT outbox_password_reset_exists REFERENCES password_resets (id),
    CONSTRAINT outbox_about_something CHECK ((petition_id IS NULL) <> (password_reset_id IS NULL))
) STRICT;

INSERT INTO new_outbox
SELECT id, key, petition_id, sequence, webhook_id, channel, state, is_urgent, attempts, is_uncertain, due_at, holder, held_until, problem,
       created_at, settled_at, NULL
FROM outbox;
DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'due';
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX outbox_by_petition ON outbox (petition_id, id);
CREATE INDEX outbox_by_webhook ON outbox (webhook_id, id) WHERE webhook_id IS NOT NULL;
