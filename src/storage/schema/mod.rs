//! The tables as Diesel sees them, one file per subject.

mod account;
mod attachment;
mod delivery;
mod directory;
mod exchange;
mod partner;
mod petition;
mod snapshot;
mod statistics;
mod zalo;

pub use account::{account_roles, accounts, sessions};
pub use attachment::{attachments, upload_parts, uploads};
pub use delivery::{contact_preferences, delivery_attempts, notification_marks, outbox, unsubscribed_addresses, webhooks};
pub use directory::{
    agencies, agency_successors, areas, calendar_days, categories, deadline_rules, directory_state, routing_rules,
    working_sessions,
};
pub use exchange::{exchange_links, exchange_messages};
pub use partner::{api_key_hours, api_keys, partner_petitions};
pub use petition::{
    answers, deadlines, documents, idempotency_keys, identity_looks, leases, notifications, petition_texts, petitioners,
    petitions, publications, register_counters, requests, timeline,
};
pub use snapshot::{snapshot_petitions, snapshots};
pub use statistics::{statistics_changes, statistics_sums, statistics_times};
pub use zalo::{zalo_authorisations, zalo_conversations, zalo_events, zalo_people, zalo_petitions, zalo_replies, zalo_tokens};

diesel::allow_tables_to_appear_in_same_query!(
    account_roles,
    accounts,
    agencies,
    agency_successors,
    answers,
    api_key_hours,
    api_keys,
    areas,
    attachments,
    calendar_days,
    categories,
    contact_preferences,
    deadline_rules,
    deadlines,
    delivery_attempts,
    directory_state,
    documents,
    exchange_links,
    exchange_messages,
    idempotency_keys,
    identity_looks,
    leases,
    notification_marks,
    notifications,
    outbox,
    partner_petitions,
    petition_texts,
    petitioners,
    petitions,
    publications,
    register_counters,
    requests,
    routing_rules,
    sessions,
    snapshot_petitions,
    snapshots,
    statistics_changes,
    statistics_sums,
    statistics_times,
    timeline,
    upload_parts,
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
