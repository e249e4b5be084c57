//! Other systems with a key, and the petitions that came from them.
//!
//! Kept by hand beside the migrations: `print-schema` would give two different truths for two databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    api_keys (id) {
        id -> BigInt,
        name -> Text,
        partner -> Text,
        key_hash -> Text,
        scope -> Text,
        channel -> Text,
        requests_per_hour -> Integer,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    api_key_hours (api_key_id) {
        api_key_id -> BigInt,
        begun_at -> Timestamp,
        requests -> Integer,
    }
}

diesel::table! {
    partner_petitions (partner_id, partner) {
        partner_id -> Text,
        partner -> Text,
        petition_id -> BigInt,
        body_hash -> Text,
    }
}
