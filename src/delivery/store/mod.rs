//! The tables of what leaves: the outbox, notifications, preferences, subscriptions.

mod columns;
pub mod contacts;
pub mod notifications;
pub mod outbox;
pub mod webhooks;
