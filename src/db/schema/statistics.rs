//! Tables of aggregated statistics.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    statistics_changes (id) {
        id -> BigInt,
        event_on -> Date,
        received_in -> Date,
        agency_id -> BigInt,
        category_id -> BigInt,
        channel -> Text,
        petitioner_kind -> Text,
        urgency -> Text,
        area_id -> BigInt,
        counters -> Text,
    }
}

diesel::table! {
    statistics_sums (dimension, value, grain, event_on, received_in, agency_id) {
        dimension -> Text,
        value -> Text,
        grain -> Text,
        event_on -> Date,
        received_in -> Date,
        agency_id -> BigInt,
        received -> BigInt,
        handled -> BigInt,
        processing_ms -> BigInt,
        handled_early -> BigInt,
        handled_on_time -> BigInt,
        handled_late -> BigInt,
        rated_1 -> BigInt,
        rated_2 -> BigInt,
        rated_3 -> BigInt,
        rated_4 -> BigInt,
        rated_5 -> BigInt,
        refused -> BigInt,
        withdrawn -> BigInt,
        duplicates -> BigInt,
        open -> BigInt,
        answers -> BigInt,
        reopenings -> BigInt,
        flow_answered -> BigInt,
        flow_reopened -> BigInt,
        flow_in -> BigInt,
        flow_out -> BigInt,
        flow_settled -> BigInt,
        overdue -> BigInt,
    }
}

diesel::table! {
    statistics_times (dimension, value, grain, event_on, received_in, agency_id) {
        dimension -> Text,
        value -> Text,
        grain -> Text,
        event_on -> Date,
        received_in -> Date,
        agency_id -> BigInt,
        added -> Binary,
        taken -> Binary,
    }
}
