//! Tables of notifications and delivery: read marks, preferences, webhooks, the outbox and delivery attempts.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    notification_marks (account_id) {
        account_id -> BigInt,
        read_up_to -> BigInt,
    }
}

diesel::table! {
    contact_preferences (account_id) {
        account_id -> BigInt,
        email -> Bool,
        zalo -> Bool,
        lang -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    unsubscribed_addresses (address_hash) {
        address_hash -> Text,
        unsubscribed_at -> Timestamp,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> BigInt,
        name -> Text,
        url -> Text,
        secret -> Text,
        old_secret -> Nullable<Text>,
        actions -> Text,
        agency_id -> Nullable<BigInt>,
        category_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        key -> Text,
        petition_id -> Nullable<BigInt>,
        sequence -> Integer,
        webhook_id -> Nullable<BigInt>,
        channel -> Text,
        state -> Text,
        is_urgent -> Bool,
        attempts -> Integer,
        is_uncertain -> Bool,
        due_at -> Timestamp,
        holder -> Nullable<Text>,
        held_until -> Nullable<Timestamp>,
        problem -> Nullable<Text>,
        created_at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
        password_reset_id -> Nullable<BigInt>,
        account_message_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    recipient_days (recipient, day) {
        recipient -> Text,
        day -> BigInt,
        messages -> BigInt,
    }
}

diesel::table! {
    delivery_attempts (id) {
        id -> BigInt,
        outbox_id -> BigInt,
        channel -> Text,
        attempted_at -> Timestamp,
        outcome -> Text,
        problem -> Nullable<Text>,
        reference -> Nullable<Text>,
    }
}
