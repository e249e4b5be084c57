//! Tables of accounts, roles and sessions.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    accounts (id) {
        id -> BigInt,
        kind -> Text,
        username -> Nullable<Text>,
        phone_hash -> Nullable<Text>,
        email_hash -> Nullable<Text>,
        full_name -> Text,
        password_hash -> Text,
        must_change_password -> Bool,
        agency_id -> Nullable<BigInt>,
        personal_id -> Nullable<Text>,
        company_name -> Nullable<Text>,
        tax_code -> Nullable<Text>,
        state -> Text,
        created_at -> Timestamp,
        version -> Integer,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        imprint -> Nullable<Text>,
    }
}

diesel::table! {
    account_roles (account_id, role) {
        account_id -> BigInt,
        role -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        account_id -> BigInt,
        family -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        device -> Nullable<Text>,
        begun_at -> Nullable<Timestamp>,
        device_mark -> Nullable<Text>,
    }
}
