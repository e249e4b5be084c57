//! Tables of linked OIDC identities and sign-ins in progress.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
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
