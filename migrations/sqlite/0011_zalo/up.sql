-- People as Zalo knows them: the number at the Official Account, the number at the Mini App, or both, and the account here.
CREATE TABLE zalo_people (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    oa_user_id TEXT CONSTRAINT zalo_people_oa_user_unique UNIQUE,
    app_user_id TEXT CONSTRAINT zalo_people_app_user_unique UNIQUE,
    account_id INTEGER CONSTRAINT zalo_people_account_exists REFERENCES accounts (id),
    full_name TEXT,
    phone TEXT,
    is_reachable INTEGER NOT NULL CHECK (is_reachable IN (0, 1)),
    created_at TEXT NOT NULL
) STRICT;

CREATE INDEX zalo_people_by_account ON zalo_people (account_id) WHERE account_id IS NOT NULL;

-- What came by the webhook; the body is emptied when it was handled, the key stays to know a repetition by.
CREATE TABLE zalo_events (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    dedupe_key TEXT NOT NULL CONSTRAINT zalo_events_key_unique UNIQUE,
    oa_user_id TEXT NOT NULL,
    event_name TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT zalo_events_state_known CHECK (state IN ('due', 'done', 'dead')),
    attempts INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    holder TEXT,
    held_until TEXT,
    problem TEXT,
    received_at TEXT NOT NULL,
    settled_at TEXT
) STRICT;

CREATE INDEX zalo_events_due ON zalo_events (oa_user_id, id) WHERE state = 'due';
CREATE INDEX zalo_events_settled ON zalo_events (settled_at) WHERE settled_at IS NOT NULL;

-- What is said in conversations; it belongs to no petition, which is why it is no line of the outbox.
CREATE TABLE zalo_replies (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    oa_user_id TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT zalo_replies_state_known CHECK (state IN ('due', 'delivered', 'dead', 'dropped')),
    attempts INTEGER NOT NULL,
    is_uncertain INTEGER NOT NULL CHECK (is_uncertain IN (0, 1)),
    due_at TEXT NOT NULL,
    holder TEXT,
    held_until TEXT,
    problem TEXT,
    reference TEXT,
    created_at TEXT NOT NULL,
    settled_at TEXT
) STRICT;

CREATE INDEX zalo_replies_due ON zalo_replies (oa_user_id, id) WHERE state = 'due';
CREATE INDEX zalo_replies_settled ON zalo_replies (settled_at) WHERE settled_at IS NOT NULL;

CREATE TABLE zalo_conversations (
    oa_user_id TEXT NOT NULL CONSTRAINT zalo_conversations_pkey PRIMARY KEY,
    step TEXT NOT NULL,
    draft TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    reminded_at TEXT
) STRICT;

CREATE INDEX zalo_conversations_open ON zalo_conversations (changed_at) WHERE step <> 'menu';

-- Who filed what in a conversation.
CREATE TABLE zalo_petitions (
    petition_id INTEGER NOT NULL CONSTRAINT zalo_petitions_pkey PRIMARY KEY CONSTRAINT zalo_petitions_petition_exists REFERENCES petitions (id),
    oa_user_id TEXT NOT NULL
) STRICT;

CREATE INDEX zalo_petitions_by_user ON zalo_petitions (oa_user_id, petition_id);

-- The tokens of the Official Account, encrypted; who holds the row is exchanging the refresh token, which is good for one exchange.
CREATE TABLE zalo_tokens (
    oa_id TEXT NOT NULL CONSTRAINT zalo_tokens_pkey PRIMARY KEY,
    access_token TEXT NOT NULL,
    refresh_token TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT zalo_tokens_state_known CHECK (state IN ('connected', 'needs_authorisation')),
    access_until TEXT NOT NULL,
    refreshed_at TEXT,
    seed_hash TEXT,
    problem TEXT,
    holder TEXT,
    held_until TEXT,
    version INTEGER NOT NULL
) STRICT;

-- Authorisations that an administrator has begun; each is good for one answer.
CREATE TABLE zalo_authorisations (
    state TEXT NOT NULL CONSTRAINT zalo_authorisations_pkey PRIMARY KEY,
    verifier TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
