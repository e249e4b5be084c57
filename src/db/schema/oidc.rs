//! Identities of other providers, and sign-ins that were begun at one.
//!
//! Kept by hand beside the migrations: `print-schema` would give two different truths for two databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    oidc_identities (id) {
        id -> BigInt,
        realm -> Text,
        issuer -> Text,
        subject -> Text,
        account_id -> BigInt,
        linked_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    oidc_sign_ins (state_hash) {
        state_hash -> Text,
        secret_hash -> Text,
        realm -> Text,
        account_id -> Nullable<BigInt>,
        sealed -> Text,
        begun_at -> Timestamp,
    }
}
