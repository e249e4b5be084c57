CREATE TABLE areas (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    search_name TEXT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT areas_kind_known CHECK (kind IN ('tinh', 'thanh_pho', 'thi_xa', 'huyen', 'phuong', 'xa', 'thi_tran')),
    parent_id INTEGER CONSTRAINT areas_parent_exists REFERENCES areas (id),
    latitude REAL,
    longitude REAL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT areas_code_unique UNIQUE (code, valid_from),
    CONSTRAINT areas_validity_ordered CHECK (valid_to IS NULL OR valid_to >= valid_from)
) STRICT;

CREATE TABLE agencies (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    search_name TEXT NOT NULL,
    level TEXT NOT NULL CONSTRAINT agencies_level_known CHECK (level IN ('province', 'district', 'commune')),
    kind TEXT NOT NULL,
    parent_id INTEGER CONSTRAINT agencies_parent_exists REFERENCES agencies (id),
    area_id INTEGER NOT NULL CONSTRAINT agencies_area_exists REFERENCES areas (id),
    two_person_approval INTEGER NOT NULL CHECK (two_person_approval IN (0, 1)),
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT agencies_code_unique UNIQUE (code, valid_from),
    CONSTRAINT agencies_validity_ordered CHECK (valid_to IS NULL OR valid_to >= valid_from)
) STRICT;

CREATE TABLE agency_successors (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    old_agency_id INTEGER NOT NULL CONSTRAINT agency_successors_old_exists REFERENCES agencies (id),
    new_agency_id INTEGER NOT NULL CONSTRAINT agency_successors_new_exists REFERENCES agencies (id),
    effective_on TEXT NOT NULL,
    relation TEXT NOT NULL CONSTRAINT agency_successors_relation_known CHECK (relation IN ('merged', 'split', 'renamed', 'dissolved')),
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    CONSTRAINT agency_successors_pair_unique UNIQUE (old_agency_id, new_agency_id)
) STRICT;

CREATE TABLE categories (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL,
    name_vi TEXT NOT NULL,
    name_en TEXT,
    search_name TEXT NOT NULL,
    parent_id INTEGER CONSTRAINT categories_parent_exists REFERENCES categories (id),
    department_code TEXT NOT NULL,
    district_division TEXT NOT NULL,
    default_level TEXT NOT NULL CONSTRAINT categories_level_known CHECK (default_level IN ('province', 'district', 'commune')),
    processing_working_days INTEGER NOT NULL CONSTRAINT categories_days_positive CHECK (processing_working_days > 0),
    examples TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT categories_code_unique UNIQUE (code, valid_from),
    CONSTRAINT categories_validity_ordered CHECK (valid_to IS NULL OR valid_to >= valid_from)
) STRICT;

CREATE TABLE routing_rules (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    conditions TEXT NOT NULL,
    target TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT routing_rules_validity_ordered CHECK (valid_to IS NULL OR valid_to >= valid_from)
) STRICT;

CREATE TABLE calendar_days (
    day TEXT NOT NULL CONSTRAINT calendar_days_pkey PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT calendar_days_kind_known CHECK (kind IN ('holiday', 'compensatory_off', 'working_weekend')),
    name TEXT NOT NULL,
    is_official INTEGER NOT NULL CHECK (is_official IN (0, 1))
) STRICT;

CREATE TABLE working_sessions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    CONSTRAINT working_sessions_ordered CHECK (ends_at > starts_at)
) STRICT;

CREATE TABLE deadline_rules (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    category_code TEXT,
    urgency TEXT NOT NULL CONSTRAINT deadline_rules_urgency_known CHECK (urgency IN ('normal', 'urgent', 'complex')),
    amount INTEGER CONSTRAINT deadline_rules_amount_positive CHECK (amount > 0),
    unit TEXT NOT NULL CONSTRAINT deadline_rules_unit_known CHECK (unit IN ('hours', 'working_hours', 'working_days', 'days')),
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE directory_state (
    id INTEGER NOT NULL CONSTRAINT directory_state_pkey PRIMARY KEY CONSTRAINT directory_state_single CHECK (id = 1),
    directory_version INTEGER NOT NULL,
    calendar_version INTEGER NOT NULL,
    is_demo INTEGER NOT NULL CHECK (is_demo IN (0, 1))
) STRICT;

INSERT INTO directory_state (id, directory_version, calendar_version, is_demo) VALUES (1, 0, 0, 0);
