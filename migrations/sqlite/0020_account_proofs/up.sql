-- By what the program behind a session is known again: a hash of what it calls itself.
ALTER TABLE sessions ADD COLUMN device_mark TEXT;

-- A phone or an e-mail that somebody says is theirs and has not proven; several may say so of one. Who registered with it may be known by
-- it (opens_account) until somebody proves it. What stands in accounts is proven.
CREATE TABLE claimed_contacts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL CONSTRAINT claimed_contacts_account_exists REFERENCES accounts (id),
    kind TEXT NOT NULL CONSTRAINT claimed_contacts_kind_known CHECK (kind IN ('phone', 'email')),
    value TEXT NOT NULL,
    value_hash TEXT NOT NULL,
    opens_account INTEGER NOT NULL CHECK (opens_account IN (0, 1)),
    claimed_at TEXT NOT NULL,
    message_id INTEGER,
    tries INTEGER NOT NULL,
    CONSTRAINT claimed_contacts_once UNIQUE (account_id, kind, opens_account)
) STRICT;

CREATE INDEX claimed_contacts_by_value ON claimed_contacts (value_hash, kind);

-- What the holder of an account is told about the account: a code that proves a contact, or what was changed. The contact is sealed; the mark
-- is a keyed hash of it, by which messages to one address are counted.
CREATE TABLE account_messages (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL CONSTRAINT account_messages_account_exists REFERENCES accounts (id),
    kind TEXT NOT NULL CONSTRAINT account_messages_kind_known CHECK (kind IN ('contact_code', 'account_changed')),
    subject TEXT NOT NULL,
    contact_kind TEXT CONSTRAINT account_messages_contact_kind_known CHECK (contact_kind IN ('phone', 'email')),
    contact TEXT,
    contact_mark TEXT,
    created_at TEXT NOT NULL
) STRICT;

CREATE INDEX account_messages_by_account ON account_messages (account_id, created_at);
CREATE INDEX account_messages_by_mark ON account_messages (contact_mark, created_at);
CREATE INDEX account_messages_by_time ON account_messages (created_at);

-- Officers whose account an administrator has had in hand: since when it waits for somebody who vouches for the person, and whether the
-- e-mail is one that an administrator has set. Who has no row waits for nothing.
CREATE TABLE officer_checks (
    account_id INTEGER NOT NULL CONSTRAINT officer_checks_pkey PRIMARY KEY CONSTRAINT officer_checks_account_exists REFERENCES accounts (id),
    waits_since TEXT,
    cause TEXT CONSTRAINT officer_checks_cause_known CHECK (cause IN ('created', 'place', 'reset', 'second_factor', 'enabled')),
    caused_by INTEGER CONSTRAINT officer_checks_causer_exists REFERENCES accounts (id),
    email_set_at TEXT
) STRICT;

CREATE INDEX officer_checks_waiting ON officer_checks (account_id) WHERE waits_since IS NOT NULL;

-- A line may also be a message about an account, and leave as a text message.
CREATE TABLE new_outbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL CONSTRAINT outbox_key_unique UNIQUE,
    petition_id INTEGER CONSTRAINT outbox_petition_exists REFERENCES petitions (id),
    sequence INTEGER NOT NULL,
    webhook_id INTEGER CONSTRAINT outbox_webhook_exists REFERENCES webhooks (id),
    channel TEXT NOT NULL CONSTRAINT outbox_channel_known CHECK (channel IN ('zalo', 'zns', 'sms', 'email', 'in_app', 'webhook')),
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
    account_message_id INTEGER CONSTRAINT outbox_account_message_exists REFERENCES account_messages (id),
    CONSTRAINT outbox_about_something
        CHECK ((petition_id IS NOT NULL) + (password_reset_id IS NOT NULL) + (account_message_id IS NOT NULL) = 1)
) STRICT;

INSERT INTO new_outbox
SELECT id, key, petition_id, sequence, webhook_id, channel, state, is_urgent, attempts, is_uncertain, due_at, holder, held_until, problem,
       created_at, settled_at, password_reset_id, NULL
FROM outbox;
DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'due';
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX outbox_by_petition ON outbox (petition_id, id);
CREATE INDEX outbox_by_webhook ON outbox (webhook_id, id) WHERE webhook_id IS NOT NULL;
