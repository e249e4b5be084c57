CREATE TABLE petitions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL CONSTRAINT petitions_code_unique UNIQUE,
    kind TEXT NOT NULL CONSTRAINT petitions_kind_known CHECK (kind IN ('field', 'procedure', 'business')),
    category_id INTEGER NOT NULL CONSTRAINT petitions_category_exists REFERENCES categories (id),
    area_id INTEGER NOT NULL CONSTRAINT petitions_area_exists REFERENCES areas (id),
    channel TEXT NOT NULL,
    urgency TEXT NOT NULL CONSTRAINT petitions_urgency_known CHECK (urgency IN ('normal', 'urgent', 'complex')),
    petitioner_kind TEXT NOT NULL CONSTRAINT petitions_petitioner_kind_known CHECK (petitioner_kind IN ('citizen', 'business')),
    account_id INTEGER CONSTRAINT petitions_account_exists REFERENCES accounts (id),
    status TEXT NOT NULL CONSTRAINT petitions_status_known CHECK (status IN
        ('received', 'assigned', 'in_progress', 'waiting_for_petitioner', 'awaiting_approval',
         'answered', 'closed', 'refused', 'withdrawn', 'duplicate')),
    version INTEGER NOT NULL,
    agency_id INTEGER CONSTRAINT petitions_agency_exists REFERENCES agencies (id),
    assignee_id INTEGER CONSTRAINT petitions_assignee_exists REFERENCES accounts (id),
    routing_rule_id INTEGER CONSTRAINT petitions_routing_rule_exists REFERENCES routing_rules (id),
    received_at TEXT NOT NULL,
    received_on TEXT NOT NULL,
    due_at TEXT NOT NULL,
    paused_at TEXT,
    system_due_at TEXT,
    first_answered_at TEXT,
    timeliness TEXT CONSTRAINT petitions_timeliness_known CHECK (timeliness IN ('early', 'on_time', 'late')),
    settled_at TEXT,
    score INTEGER CONSTRAINT petitions_score_known CHECK (score BETWEEN 1 AND 5),
    answer_count INTEGER NOT NULL,
    reopening_count INTEGER NOT NULL,
    hop_count INTEGER NOT NULL,
    extension TEXT NOT NULL CONSTRAINT petitions_extension_known CHECK (extension IN ('none', 'asked', 'granted', 'denied')),
    reopening TEXT NOT NULL CONSTRAINT petitions_reopening_known CHECK (reopening IN ('none', 'asked', 'granted', 'denied')),
    merged_into_id INTEGER CONSTRAINT petitions_merged_into_exists REFERENCES petitions (id)
) STRICT;

CREATE INDEX petitions_by_merged_into ON petitions (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX petitions_by_account ON petitions (account_id, id);
CREATE INDEX petitions_by_received ON petitions (received_on, id);
CREATE INDEX petitions_unsettled ON petitions (received_on) WHERE settled_at IS NULL;
CREATE INDEX petitions_settled ON petitions (settled_at, received_on);
CREATE INDEX petitions_by_system_due ON petitions (system_due_at) WHERE system_due_at IS NOT NULL;
CREATE INDEX petitions_coordination ON petitions (id) WHERE status = 'received';

CREATE TABLE petition_texts (
    petition_id INTEGER NOT NULL CONSTRAINT petition_texts_pkey PRIMARY KEY CONSTRAINT petition_texts_petition_exists REFERENCES petitions (id),
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    search_text TEXT NOT NULL
) STRICT;

CREATE TABLE petitioners (
    petition_id INTEGER NOT NULL CONSTRAINT petitioners_pkey PRIMARY KEY CONSTRAINT petitioners_petition_exists REFERENCES petitions (id),
    full_name TEXT,
    phone TEXT,
    email TEXT,
    company_name TEXT,
    tax_code TEXT,
    latitude REAL,
    longitude REAL,
    address TEXT,
    hide_identity INTEGER NOT NULL CHECK (hide_identity IN (0, 1)),
    tracking_hash TEXT
) STRICT;

CREATE TABLE identity_looks (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL CONSTRAINT identity_looks_petition_exists REFERENCES petitions (id),
    account_id INTEGER NOT NULL CONSTRAINT identity_looks_account_exists REFERENCES accounts (id),
    looked_at TEXT NOT NULL,
    occasion TEXT NOT NULL
) STRICT;

CREATE TABLE documents (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL CONSTRAINT documents_petition_exists REFERENCES petitions (id),
    agency_id INTEGER NOT NULL CONSTRAINT documents_agency_exists REFERENCES agencies (id),
    year INTEGER NOT NULL,
    number INTEGER NOT NULL CONSTRAINT documents_number_positive CHECK (number > 0),
    status TEXT NOT NULL CONSTRAINT documents_status_known CHECK (status IN
        ('arrived', 'accepted', 'assigned', 'in_progress', 'waiting', 'awaiting_approval',
         'completed', 'returned', 'transferred', 'refused', 'voided')),
    arrived_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    assignee_id INTEGER CONSTRAINT documents_assignee_exists REFERENCES accounts (id),
    handed_on_at TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT documents_number_unique UNIQUE (agency_id, year, number)
) STRICT;

CREATE INDEX documents_by_petition ON documents (petition_id);
CREATE INDEX documents_inbox ON documents (agency_id, due_at, id);

CREATE TABLE register_counters (
    agency_id INTEGER NOT NULL CONSTRAINT register_counters_agency_exists REFERENCES agencies (id),
    year INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    CONSTRAINT register_counters_pkey PRIMARY KEY (agency_id, year)
) STRICT;

CREATE TABLE deadlines (
    petition_id INTEGER NOT NULL CONSTRAINT deadlines_pkey PRIMARY KEY CONSTRAINT deadlines_petition_exists REFERENCES petitions (id),
    rule_id INTEGER NOT NULL CONSTRAINT deadlines_rule_exists REFERENCES deadline_rules (id),
    calendar_version INTEGER NOT NULL,
    starts_at TEXT NOT NULL,
    paused_working_ms INTEGER NOT NULL,
    extended_until TEXT,
    explanation TEXT NOT NULL
) STRICT;

CREATE TABLE timeline (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL CONSTRAINT timeline_petition_exists REFERENCES petitions (id),
    sequence INTEGER NOT NULL,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    actor_kind TEXT NOT NULL CONSTRAINT timeline_actor_kind_known CHECK (actor_kind IN ('petitioner', 'officer', 'system')),
    actor_id INTEGER CONSTRAINT timeline_actor_exists REFERENCES accounts (id),
    status TEXT NOT NULL,
    agency_id INTEGER CONSTRAINT timeline_agency_exists REFERENCES agencies (id),
    document_id INTEGER,
    due_at TEXT NOT NULL,
    score INTEGER,
    is_public INTEGER NOT NULL CHECK (is_public IN (0, 1)),
    note TEXT,
    detail TEXT NOT NULL,
    chain_hash TEXT NOT NULL,
    CONSTRAINT timeline_sequence_unique UNIQUE (petition_id, sequence)
) STRICT;

CREATE TABLE answers (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL CONSTRAINT answers_petition_exists REFERENCES petitions (id),
    document_id INTEGER NOT NULL CONSTRAINT answers_document_exists REFERENCES documents (id),
    content TEXT NOT NULL,
    outcome TEXT NOT NULL CONSTRAINT answers_outcome_known CHECK (outcome IN ('resolved', 'explained', 'promised', 'unfounded')),
    promised_on TEXT,
    author_id INTEGER NOT NULL CONSTRAINT answers_author_exists REFERENCES accounts (id),
    drafted_at TEXT NOT NULL,
    answered_at TEXT,
    approver_id INTEGER CONSTRAINT answers_approver_exists REFERENCES accounts (id),
    score INTEGER CONSTRAINT answers_score_known CHECK (score BETWEEN 1 AND 5),
    comment TEXT,
    rated_at TEXT
) STRICT;

CREATE INDEX answers_by_petition ON answers (petition_id, id);

CREATE TABLE requests (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL CONSTRAINT requests_petition_exists REFERENCES petitions (id),
    kind TEXT NOT NULL CONSTRAINT requests_kind_known CHECK (kind IN ('extension', 'reopening')),
    reason TEXT NOT NULL,
    until_on TEXT,
    asked_at TEXT NOT NULL,
    decided_at TEXT,
    is_granted INTEGER
) STRICT;

CREATE INDEX requests_by_petition ON requests (petition_id, id);

CREATE TABLE publications (
    petition_id INTEGER NOT NULL CONSTRAINT publications_pkey PRIMARY KEY CONSTRAINT publications_petition_exists REFERENCES petitions (id),
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    search_text TEXT NOT NULL,
    answer TEXT NOT NULL,
    outcome TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    answered_at TEXT NOT NULL,
    published_at TEXT NOT NULL
) STRICT;

CREATE INDEX publications_newest ON publications (published_at DESC, petition_id DESC);

CREATE TABLE notifications (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL CONSTRAINT notifications_petition_exists REFERENCES petitions (id),
    sequence INTEGER NOT NULL,
    audience TEXT NOT NULL CONSTRAINT notifications_audience_known CHECK (audience IN ('petitioner', 'agency', 'coordinator')),
    agency_id INTEGER,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    CONSTRAINT notifications_once UNIQUE (petition_id, sequence, audience)
) STRICT;

CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    salt TEXT NOT NULL,
    status INTEGER NOT NULL,
    response TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller, key_hash)
) STRICT;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE leases (
    name TEXT NOT NULL CONSTRAINT leases_pkey PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until TEXT NOT NULL
) STRICT;
