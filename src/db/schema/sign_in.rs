//! Tables for sign-in: failed attempts, second factors, earlier passwords, password resets, last activity.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    sign_in_marks (mark) {
        mark -> Text,
        failures -> Integer,
        last_at -> Timestamp,
        blocked_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    second_factors (account_id) {
        account_id -> BigInt,
        secret -> Text,
        begun_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        last_step -> BigInt,
    }
}

diesel::table! {
    recovery_codes (account_id, code_hash) {
        account_id -> BigInt,
        code_hash -> Text,
    }
}

diesel::table! {
    earlier_passwords (id) {
        id -> BigInt,
        account_id -> BigInt,
        password_hash -> Text,
        replaced_at -> Timestamp,
    }
}

diesel::table! {
    password_reset_requests (id) {
        id -> BigInt,
        login -> Text,
        requested_at -> Timestamp,
    }
}

diesel::table! {
    password_resets (id) {
        id -> BigInt,
        account_id -> BigInt,
        begun_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    account_activity (account_id) {
        account_id -> BigInt,
        last_active_on -> Date,
    }
}

diesel::table! {
    claimed_contacts (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        value -> Text,
        value_hash -> Text,
        opens_account -> Bool,
        claimed_at -> Timestamp,
        message_id -> Nullable<BigInt>,
        tries -> Integer,
    }
}

diesel::table! {
    account_messages (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        subject -> Text,
        contact_kind -> Nullable<Text>,
        contact -> Nullable<Text>,
        contact_mark -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    officer_checks (account_id) {
        account_id -> BigInt,
        waits_since -> Nullable<Timestamp>,
        cause -> Nullable<Text>,
        caused_by -> Nullable<BigInt>,
        email_set_at -> Nullable<Timestamp>,
    }
}
