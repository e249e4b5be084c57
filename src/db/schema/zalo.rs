//! Tables of the Zalo integration: people, events, replies, conversations, petitions filed, tokens.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    zalo_people (id) {
        id -> BigInt,
        oa_user_id -> Nullable<Text>,
        app_user_id -> Nullable<Text>,
        account_id -> Nullable<BigInt>,
        full_name -> Nullable<Text>,
        phone -> Nullable<Text>,
        is_reachable -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    zalo_events (id) {
        id -> BigInt,
        dedupe_key -> Text,
        oa_user_id -> Text,
        event_name -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        due_at -> Timestamp,
        holder -> Nullable<Text>,
        held_until -> Nullable<Timestamp>,
        problem -> Nullable<Text>,
        received_at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    zalo_replies (id) {
        id -> BigInt,
        oa_user_id -> Text,
        text -> Text,
        state -> Text,
        attempts -> Integer,
        is_uncertain -> Bool,
        due_at -> Timestamp,
        holder -> Nullable<Text>,
        held_until -> Nullable<Timestamp>,
        problem -> Nullable<Text>,
        reference -> Nullable<Text>,
        created_at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    zalo_conversations (oa_user_id) {
        oa_user_id -> Text,
        step -> Text,
        draft -> Text,
        changed_at -> Timestamp,
        reminded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    zalo_petitions (petition_id) {
        petition_id -> BigInt,
        oa_user_id -> Text,
    }
}

diesel::table! {
    zalo_tokens (oa_id) {
        oa_id -> Text,
        access_token -> Text,
        refresh_token -> Text,
        state -> Text,
        access_until -> Timestamp,
        refreshed_at -> Nullable<Timestamp>,
        seed_hash -> Nullable<Text>,
        problem -> Nullable<Text>,
        holder -> Nullable<Text>,
        held_until -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    zalo_authorisations (state) {
        state -> Text,
        verifier -> Text,
        created_at -> Timestamp,
    }
}
