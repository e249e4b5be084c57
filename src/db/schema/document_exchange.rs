//! Tables of the document exchange: links of agencies, and messages in both directions.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    exchange_links (id) {
        id -> BigInt,
        agency_id -> BigInt,
        organ_id -> Text,
        organ_original -> Text,
        sender_organ_id -> Text,
        transport -> Text,
        address -> Text,
        account_id -> BigInt,
        active_from -> Date,
        active_until -> Nullable<Date>,
        version -> Integer,
    }
}

diesel::table! {
    exchange_messages (id) {
        id -> BigInt,
        direction -> Text,
        kind -> Text,
        link_id -> BigInt,
        petition_id -> Nullable<BigInt>,
        document_id -> Nullable<BigInt>,
        message_id -> Text,
        state -> Text,
        status_code -> Nullable<Text>,
        answered_code -> Nullable<Text>,
        attempts -> Integer,
        due_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        acknowledged_at -> Nullable<Timestamp>,
        problem -> Nullable<Text>,
        signature -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        detail -> Text,
    }
}
