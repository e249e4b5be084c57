DROP TABLE statistics_days;

-- What events have changed and is not added to the sums yet. Events only ever insert here, so that none waits for another.
CREATE TABLE statistics_changes (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    event_on TEXT NOT NULL,
    received_in TEXT NOT NULL,
    agency_id INTEGER NOT NULL,
    category_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    petitioner_kind TEXT NOT NULL,
    urgency TEXT NOT NULL,
    area_id INTEGER NOT NULL,
    counters TEXT NOT NULL
) STRICT;

CREATE INDEX statistics_changes_by_day ON statistics_changes (event_on);

CREATE TABLE statistics_sums (
    dimension TEXT NOT NULL CONSTRAINT statistics_sums_dimension_known
        CHECK (dimension IN ('all', 'category', 'channel', 'petitioner_kind', 'urgency', 'area')),
    value TEXT NOT NULL,
    grain TEXT NOT NULL CONSTRAINT statistics_sums_grain_known CHECK (grain IN ('day', 'month', 'year')),
    event_on TEXT NOT NULL,
    received_in TEXT NOT NULL,
    agency_id INTEGER NOT NULL,
    received INTEGER NOT NULL,
    handled INTEGER NOT NULL,
    processing_ms INTEGER NOT NULL,
    handled_early INTEGER NOT NULL,
    handled_on_time INTEGER NOT NULL,
    handled_late INTEGER NOT NULL,
    rated_1 INTEGER NOT NULL,
    rated_2 INTEGER NOT NULL,
    rated_3 INTEGER NOT NULL,
    rated_4 INTEGER NOT NULL,
    rated_5 INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    open INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    reopenings INTEGER NOT NULL,
    flow_answered INTEGER NOT NULL,
    flow_reopened INTEGER NOT NULL,
    flow_in INTEGER NOT NULL,
    flow_out INTEGER NOT NULL,
    flow_settled INTEGER NOT NULL,
    overdue INTEGER NOT NULL,
    CONSTRAINT statistics_sums_pkey PRIMARY KEY (dimension, value, grain, event_on, received_in, agency_id)
) STRICT, WITHOUT ROWID;

-- The processing times behind the sums, five bytes each; what ceased to count is in taken.
CREATE TABLE statistics_times (
    dimension TEXT NOT NULL CONSTRAINT statistics_times_dimension_known
        CHECK (dimension IN ('all', 'category', 'channel', 'petitioner_kind', 'urgency', 'area')),
    value TEXT NOT NULL,
    grain TEXT NOT NULL CONSTRAINT statistics_times_grain_known CHECK (grain IN ('day', 'month', 'year')),
    event_on TEXT NOT NULL,
    received_in TEXT NOT NULL,
    agency_id INTEGER NOT NULL,
    added BLOB NOT NULL,
    taken BLOB NOT NULL,
    CONSTRAINT statistics_times_pkey PRIMARY KEY (dimension, value, grain, event_on, received_in, agency_id)
) STRICT, WITHOUT ROWID;

-- A recount goes along the months of receipt.
CREATE INDEX statistics_sums_by_receipt ON statistics_sums (received_in, grain, dimension);
CREATE INDEX statistics_times_by_receipt ON statistics_times (received_in, grain, dimension);

-- What is due today among the unanswered is asked by every question about the present.
DROP INDEX petitions_unsettled;
CREATE INDEX petitions_unsettled ON petitions (received_on, due_at) WHERE settled_at IS NULL;
