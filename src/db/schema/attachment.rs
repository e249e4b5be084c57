//! Tables of attachments and resumable uploads.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    attachments (id) {
        id -> Text,
        account_id -> Nullable<BigInt>,
        kind -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        state -> Text,
        created_at -> Timestamp,
        check_at -> Timestamp,
        petition_id -> Nullable<BigInt>,
        occasion -> Nullable<Text>,
        joined_at -> Nullable<Timestamp>,
        position -> Nullable<Integer>,
    }
}

diesel::table! {
    uploads (id) {
        id -> Text,
        account_id -> Nullable<BigInt>,
        length -> BigInt,
        expires_at -> Timestamp,
        attachment_id -> Nullable<Text>,
        source -> Nullable<Text>,
        begun_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    upload_sources (source, hour) {
        source -> Text,
        hour -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    upload_parts (upload_id, starts_at) {
        upload_id -> Text,
        starts_at -> BigInt,
        size -> BigInt,
        name -> Text,
    }
}
