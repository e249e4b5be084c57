//! Which keys belong to the database.
//!
//! Kept by hand beside the migrations: `print-schema` would give two different truths for two databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    installation_keys (purpose) {
        purpose -> Text,
        fingerprint -> Text,
        recorded_at -> Timestamp,
    }
}
