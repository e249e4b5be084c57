//! Tables for personal data: unsealed petitioners before conversion, the sealing state, and anonymised petitions.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    petitioners_in_clear (petition_id) {
        petition_id -> BigInt,
        full_name -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        company_name -> Nullable<Text>,
        tax_code -> Nullable<Text>,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        address -> Nullable<Text>,
        hide_identity -> Bool,
        tracking_hash -> Nullable<Text>,
    }
}

diesel::table! {
    personal_state (id) {
        id -> Integer,
        sealed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    anonymisations (petition_id) {
        petition_id -> BigInt,
        cause -> Text,
        anonymised_at -> Timestamp,
    }
}
