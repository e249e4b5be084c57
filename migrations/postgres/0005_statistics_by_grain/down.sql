DROP INDEX petitions_unsettled;
CREATE INDEX petitions_unsettled ON petitions (received_on) WHERE settled_at IS NULL;

DROP TABLE statistics_times;
DROP TABLE statistics_sums;
DROP TABLE statistics_changes;

CREATE TABLE statistics_days (
    agency_id BIGINT NOT NULL,
    dimension TEXT NOT NULL CONSTRAINT statistics_days_dimension_known
        CHECK (dimension IN ('all', 'category', 'channel', 'petitioner_kind', 'urgency')),
    value TEXT NOT NULL,
    event_on DATE NOT NULL,
    received_in DATE NOT NULL,
    received BIGINT NOT NULL,
    handled BIGINT NOT NULL,
    processing_ms BIGINT NOT NULL,
    handled_early BIGINT NOT NULL,
    handled_on_time BIGINT NOT NULL,
    handled_late BIGINT NOT NULL,
    rated_1 BIGINT NOT NULL,
    rated_2 BIGINT NOT NULL,
    rated_3 BIGINT NOT NULL,
    rated_4 BIGINT NOT NULL,
    rated_5 BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    open BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    reopenings BIGINT NOT NULL,
    flow_answered BIGINT NOT NULL,
    flow_reopened BIGINT NOT NULL,
    flow_in BIGINT NOT NULL,
    flow_out BIGINT NOT NULL,
    flow_settled BIGINT NOT NULL,
    CONSTRAINT statistics_days_pkey PRIMARY KEY (dimension, value, event_on, received_in, agency_id)
);
