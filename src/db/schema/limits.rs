//! Tables of the rate limits shared by all instances.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
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
