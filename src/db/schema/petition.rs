//! Tables of petitions, registers, timelines, answers and related data.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    petitions (id) {
        id -> BigInt,
        code -> Text,
        kind -> Text,
        category_id -> BigInt,
        area_id -> BigInt,
        channel -> Text,
        urgency -> Text,
        petitioner_kind -> Text,
        account_id -> Nullable<BigInt>,
        status -> Text,
        version -> Integer,
        agency_id -> Nullable<BigInt>,
        assignee_id -> Nullable<BigInt>,
        routing_rule_id -> Nullable<BigInt>,
        received_at -> Timestamp,
        received_on -> Date,
        due_at -> Timestamp,
        paused_at -> Nullable<Timestamp>,
        system_due_at -> Nullable<Timestamp>,
        first_answered_at -> Nullable<Timestamp>,
        timeliness -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
        score -> Nullable<Integer>,
        answer_count -> Integer,
        reopening_count -> Integer,
        hop_count -> Integer,
        extension -> Text,
        reopening -> Text,
        merged_into_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    petition_texts (petition_id) {
        petition_id -> BigInt,
        title -> Text,
        content -> Text,
        search_text -> Text,
    }
}

diesel::table! {
    petitioners (petition_id) {
        petition_id -> BigInt,
        person -> Text,
        phone_hash -> Nullable<Text>,
        email_hash -> Nullable<Text>,
        hide_identity -> Bool,
        tracking_hash -> Nullable<Text>,
    }
}

diesel::table! {
    identity_looks (id) {
        id -> BigInt,
        petition_id -> BigInt,
        account_id -> BigInt,
        looked_at -> Timestamp,
        occasion -> Text,
        purpose -> Text,
    }
}

diesel::table! {
    documents (id) {
        id -> BigInt,
        petition_id -> BigInt,
        agency_id -> BigInt,
        year -> Integer,
        number -> BigInt,
        status -> Text,
        arrived_at -> Timestamp,
        due_at -> Timestamp,
        assignee_id -> Nullable<BigInt>,
        handed_on_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    register_counters (agency_id, year) {
        agency_id -> BigInt,
        year -> Integer,
        last_number -> BigInt,
    }
}

diesel::table! {
    deadlines (petition_id) {
        petition_id -> BigInt,
        rule_id -> BigInt,
        calendar_version -> BigInt,
        starts_at -> Timestamp,
        paused_working_ms -> BigInt,
        extended_until -> Nullable<Date>,
        explanation -> Text,
    }
}

diesel::table! {
    timeline (id) {
        id -> BigInt,
        petition_id -> BigInt,
        sequence -> Integer,
        at -> Timestamp,
        action -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<BigInt>,
        status -> Text,
        agency_id -> Nullable<BigInt>,
        document_id -> Nullable<BigInt>,
        due_at -> Timestamp,
        score -> Nullable<Integer>,
        is_public -> Bool,
        note -> Nullable<Text>,
        detail -> Text,
        chain_hash -> Text,
        hash_version -> Integer,
        facts -> Text,
        texts -> Text,
        salts -> Text,
    }
}

diesel::table! {
    answers (id) {
        id -> BigInt,
        petition_id -> BigInt,
        document_id -> BigInt,
        content -> Text,
        outcome -> Text,
        promised_on -> Nullable<Date>,
        author_id -> BigInt,
        drafted_at -> Timestamp,
        answered_at -> Nullable<Timestamp>,
        approver_id -> Nullable<BigInt>,
        score -> Nullable<Integer>,
        comment -> Nullable<Text>,
        rated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    requests (id) {
        id -> BigInt,
        petition_id -> BigInt,
        kind -> Text,
        reason -> Text,
        until_on -> Nullable<Date>,
        asked_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        is_granted -> Nullable<Bool>,
    }
}

diesel::table! {
    publications (petition_id) {
        petition_id -> BigInt,
        title -> Text,
        content -> Text,
        search_text -> Text,
        answer -> Text,
        outcome -> Text,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        answered_at -> Timestamp,
        published_at -> Timestamp,
        masked_by -> Integer,
    }
}

diesel::table! {
    moderations (petition_id) {
        petition_id -> BigInt,
        is_published -> Bool,
        title -> Nullable<Text>,
        content -> Nullable<Text>,
        text_hash -> Text,
        reason -> Nullable<Text>,
        changed_by -> BigInt,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    moderated_answers (answer_id) {
        answer_id -> BigInt,
        petition_id -> BigInt,
        content -> Text,
        text_hash -> Text,
        answer_hash -> Text,
    }
}

diesel::table! {
    notifications (id) {
        id -> BigInt,
        petition_id -> BigInt,
        sequence -> Integer,
        audience -> Text,
        agency_id -> Nullable<BigInt>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (caller, key_hash) {
        caller -> Text,
        key_hash -> Text,
        body_hash -> Text,
        salt -> Text,
        status -> Integer,
        response -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        held_until -> Timestamp,
    }
}
