DROP INDEX petitions_unsettled;
CREATE INDEX petitions_unsettled ON petitions (received_on) WHERE settled_at IS NULL;

DROP TABLE statistics_times;
DROP TABLE statistics_sums;
DROP TABLE statistics_changes;

CREATE TABLE statistics_days (
    agency_id INTEGER NOT NULL,
    dimension TEXT NOT NULL CONSTRAINT statistics_days_dimension_known
        CHECK (dimension IN ('all', 'category', 'channel', 'petitioner_kind', 'urgency')),
    value TEXT NOT NULL,
    event_on TEXT NOT NULL,
    received_in TEXT NOT NULL,
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
    CONSTRAINT statistics_days_pkey PRIMARY KEY (dimension, value, event_on, received_in, agency_id)
) STRICT, WITHOUT ROWID;
