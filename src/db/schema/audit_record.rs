//! Tables of the audit record: hash-chained entries of staff actions, the end of each chain, and signed daily
//! heads.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    audit_streams (stream) {
        stream -> Text,
        last_sequence -> BigInt,
        last_hash -> Text,
        last_at -> Text,
    }
}

diesel::table! {
    audit (stream, sequence) {
        stream -> Text,
        sequence -> BigInt,
        at -> Text,
        account_id -> Nullable<BigInt>,
        roles -> Text,
        action -> Text,
        subject_kind -> Text,
        subject -> Text,
        source -> Nullable<Text>,
        request_id -> Nullable<Text>,
        detail -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_heads (day) {
        day -> Text,
        made_at -> Text,
        streams -> BigInt,
        entries -> BigInt,
        streams_hash -> Text,
        previous_hash -> Text,
        key_id -> Text,
        public_key -> Text,
        hash -> Text,
        signature -> Text,
    }
}

diesel::table! {
    audit_anchors (anchor) {
        anchor -> Text,
        period -> Text,
        anchored_at -> Timestamp,
    }
}

diesel::table! {
    audit_head_streams (stream, day) {
        day -> Text,
        stream -> Text,
        sequence -> BigInt,
        hash -> Text,
    }
}
