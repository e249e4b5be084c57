//! Tables of areas, agencies, categories, rules and the calendar.
//!
//! Maintained by hand with the migrations, because `diesel print-schema` gives different results for the two
//! databases.
#![expect(missing_docs, reason = "the columns are described by the migrations")]

diesel::table! {
    areas (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        search_name -> Text,
        kind -> Text,
        parent_id -> Nullable<BigInt>,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
    }
}

diesel::table! {
    agencies (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        short_name -> Text,
        search_name -> Text,
        level -> Text,
        kind -> Text,
        parent_id -> Nullable<BigInt>,
        area_id -> BigInt,
        two_person_approval -> Bool,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
    }
}

diesel::table! {
    agency_successors (id) {
        id -> BigInt,
        old_agency_id -> BigInt,
        new_agency_id -> BigInt,
        effective_on -> Date,
        relation -> Text,
        is_primary -> Bool,
    }
}

diesel::table! {
    categories (id) {
        id -> BigInt,
        code -> Text,
        name_vi -> Text,
        name_en -> Nullable<Text>,
        search_name -> Text,
        parent_id -> Nullable<BigInt>,
        department_code -> Text,
        district_division -> Text,
        default_level -> Text,
        processing_working_days -> Integer,
        examples -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
    }
}

diesel::table! {
    routing_rules (id) {
        id -> BigInt,
        position -> Integer,
        name -> Text,
        conditions -> Text,
        target -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
    }
}

diesel::table! {
    calendar_days (day) {
        day -> Date,
        kind -> Text,
        name -> Text,
        is_official -> Bool,
    }
}

diesel::table! {
    confirmed_years (year) {
        year -> Integer,
    }
}

diesel::table! {
    working_sessions (id) {
        id -> BigInt,
        starts_at -> Time,
        ends_at -> Time,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    deadline_rules (id) {
        id -> BigInt,
        category_code -> Nullable<Text>,
        urgency -> Text,
        amount -> Nullable<Integer>,
        unit -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> Integer,
    }
}

diesel::table! {
    directory_state (id) {
        id -> Integer,
        directory_version -> BigInt,
        calendar_version -> BigInt,
        is_demo -> Bool,
        calendar_law -> Integer,
    }
}

diesel::table! {
    directory_imprints (sequence) {
        sequence -> BigInt,
        at -> Timestamp,
        changed -> Text,
        whole -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}
