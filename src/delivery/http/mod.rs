//! HTTP handlers for notifications (list, stream, preferences, unsubscribe link), the outbox and webhooks.

pub mod events;
pub mod list;
pub mod outbox;
pub mod preferences;
pub mod unsubscribe;
pub mod webhooks;
