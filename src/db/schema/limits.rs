//! What strangers may do in a time, over all instances.
//!
//! Kept by hand beside the migrations: `print-schema` would give two different truths for two databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    leaky_buckets (key) {
        key -> Text,
        empty_at -> BigInt,
        is_high -> Bool,
    }
}

diesel::table! {
    spent_proofs (puzzle) {
        puzzle -> Text,
        expires_at -> Timestamp,
    }
}
