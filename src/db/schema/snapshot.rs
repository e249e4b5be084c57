//! Tables of published reports.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    snapshots (code) {
        code -> Text,
        title -> Text,
        created_at -> Timestamp,
        created_by -> BigInt,
        as_of -> Timestamp,
        rule_version -> Text,
        question -> Text,
        figures -> Text,
        sha256 -> Text,
    }
}

diesel::table! {
    snapshot_petitions (snapshot_code, received_in) {
        snapshot_code -> Text,
        received_in -> Date,
        petition_count -> BigInt,
        lines -> Text,
        sha256 -> Text,
    }
}
