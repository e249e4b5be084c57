//! The Diesel table definitions, one file per subject.

mod account;
mod attachment;
mod audit_record;
mod delivery;
mod directory;
mod document_exchange;
mod installation;
mod limits;
mod oidc;
mod partner;
mod personal;
mod petition;
mod sign_in;
mod snapshot;
mod statistics;
mod zalo;

pub use account::{account_roles, accounts, sessions};
pub use attachment::{attachments, upload_parts, upload_sources, uploads};
pub use audit_record::{audit, audit_anchors, audit_head_streams, audit_heads, audit_streams};
pub use delivery::{
    contact_preferences, delivery_attempts, notification_marks, outbox, recipient_days, unsubscribed_addresses, webhooks,
};
pub use directory::{
    agencies, agency_successors, areas, calendar_days, categories, confirmed_years, deadline_rules, directory_imprints,
    directory_state, routing_rules, working_sessions,
};
pub use document_exchange::{exchange_links, exchange_messages};
pub use installation::installation_keys;
pub use limits::{leaky_buckets, spent_proofs};
pub use oidc::{oidc_identities, oidc_sign_ins};
pub use partner::{api_key_hours, api_keys, partner_petitions};
pub use personal::{anonymisations, personal_state, petitioners_in_clear};
pub use petition::{
    answers, deadlines, documents, idempotency_keys, identity_looks, leases, moderated_answers, moderations, notifications,
    petition_texts, petitioners, petitions, publications, register_counters, requests, timeline,
};
pub use sign_in::{
    account_activity, account_messages, claimed_contacts, earlier_passwords, officer_checks, password_reset_requests,
    password_resets, recovery_codes, second_factors, sign_in_marks,
};
pub use snapshot::{snapshot_petitions, snapshots};
pub use statistics::{statistics_changes, statistics_sums, statistics_times};
pub use zalo::{zalo_authorisations, zalo_conversations, zalo_events, zalo_people, zalo_petitions, zalo_replies, zalo_tokens};

diesel::allow_tables_to_appear_in_same_query!(
    account_activity,
    account_messages,
    account_roles,
    accounts,
    agencies,
    agency_successors,
    anonymisations,
    answers,
    api_key_hours,
    api_keys,
    areas,
    attachments,
    audit,
    audit_anchors,
    audit_head_streams,
    audit_heads,
    audit_streams,
    calendar_days,
    categories,
    claimed_contacts,
    confirmed_years,
    contact_preferences,
    deadline_rules,
    deadlines,
    delivery_attempts,
    directory_imprints,
    directory_state,
    documents,
    earlier_passwords,
    exchange_links,
    exchange_messages,
    idempotency_keys,
    identity_looks,
    installation_keys,
    leaky_buckets,
    leases,
    moderated_answers,
    moderations,
    notification_marks,
    notifications,
    officer_checks,
    oidc_identities,
    oidc_sign_ins,
    outbox,
    partner_petitions,
    password_reset_requests,
    password_resets,
    petition_texts,
    personal_state,
    petitioners,
    petitioners_in_clear,
    petitions,
    publications,
    recipient_days,
    recovery_codes,
    register_counters,
    requests,
    routing_rules,
    second_factors,
    sessions,
    sign_in_marks,
    snapshot_petitions,
    snapshots,
    spent_proofs,
    statistics_changes,
    statistics_sums,
    statistics_times,
    timeline,
    upload_parts,
    upload_sources,
    uploads,
    unsubscribed_addresses,
    webhooks,
    working_sessions,
    zalo_authorisations,
    zalo_conversations,
    zalo_events,
    zalo_people,
    zalo_petitions,
    zalo_replies,
    zalo_tokens,
);
