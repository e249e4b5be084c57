//! The tables of what leaves: the outbox, notifications, preferences, subscriptions.

pub mod contacts;
pub mod notifications;
pub mod outbox;
pub mod webhooks;
