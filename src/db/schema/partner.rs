//! Tables of partner API keys and the petitions submitted by partners.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
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
