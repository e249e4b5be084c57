//! Tables of the delivery module: the outbox, notifications, preferences, webhook subscriptions.

mod columns;
pub mod contacts;
pub mod notifications;
pub mod outbox;
pub mod webhooks;
