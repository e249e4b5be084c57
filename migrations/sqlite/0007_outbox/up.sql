-- What people are told in the application is notifications; what leaves the house goes through the outbox.
ALTER TABLE notifications DROP COLUMN sent_at;
CREATE INDEX notifications_of_agency ON notifications (agency_id, id) WHERE audience = 'agency';
CREATE INDEX notifications_of_coordinator ON notifications (id) WHERE audience = 'coordinator';

-- Up to where an account has read.
CREATE TABLE notification_marks (
    account_id INTEGER NOT NULL CONSTRAINT notification_marks_pkey PRIMARY KEY CONSTRAINT notification_marks_account_exists REFERENCES accounts (id),
    read_up_to INTEGER NOT NULL
) STRICT;

-- Which channels an account wants; who has no row wants all.
CREATE TABLE contact_preferences (
    account_id INTEGER NOT NULL CONSTRAINT contact_preferences_pkey PRIMARY KEY CONSTRAINT contact_preferences_account_exists REFERENCES accounts (id),
    email INTEGER NOT NULL CHECK (email IN (0, 1)),
    zalo INTEGER NOT NULL CHECK (zalo IN (0, 1)),
    lang TEXT NOT NULL CONSTRAINT contact_preferences_lang_known CHECK (lang IN ('vi', 'en')),
    updated_at TEXT NOT NULL
) STRICT;

-- Addresses that want no more messages, as a hash.
CREATE TABLE unsubscribed_addresses (
    address_hash TEXT NOT NULL CONSTRAINT unsubscribed_addresses_pkey PRIMARY KEY,
    unsubscribed_at TEXT NOT NULL
) STRICT;

CREATE TABLE webhooks (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    actions TEXT NOT NULL,
    agency_id INTEGER CONSTRAINT webhooks_agency_exists REFERENCES agencies (id),
    category_id INTEGER CONSTRAINT webhooks_category_exists REFERENCES categories (id),
    created_at TEXT NOT NULL,
    ended_at TEXT,
    version INTEGER NOT NULL
) STRICT;

-- Written in the transaction of the event; key is what the other side knows a repeated delivery by.
CREATE TABLE outbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL CONSTRAINT outbox_key_unique UNIQUE,
    petition_id INTEGER NOT NULL CONSTRAINT outbox_petition_exists REFERENCES petitions (id),
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
    settled_at TEXT
) STRICT;

CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'due';
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX outbox_by_petition ON outbox (petition_id, id);
CREATE INDEX outbox_by_webhook ON outbox (webhook_id, id) WHERE webhook_id IS NOT NULL;

-- The evidence: one row for each attempt.
CREATE TABLE delivery_attempts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    outbox_id INTEGER NOT NULL CONSTRAINT delivery_attempts_outbox_exists REFERENCES outbox (id),
    channel TEXT NOT NULL,
    attempted_at TEXT NOT NULL,
    outcome TEXT NOT NULL CONSTRAINT delivery_attempts_outcome_known CHECK (outcome IN ('delivered', 'unreached', 'uncertain', 'refused', 'skipped', 'bounced')),
    problem TEXT,
    reference TEXT
) STRICT;

CREATE INDEX delivery_attempts_by_outbox ON delivery_attempts (outbox_id, id);
