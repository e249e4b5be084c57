//! Table of the fingerprints of the keys that belong to this database.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    installation_keys (purpose) {
        purpose -> Text,
        fingerprint -> Text,
        recorded_at -> Timestamp,
    }
}
