//! What people are told: the list, the stream, the preferences, and the link that ends letters.

pub mod events;
pub mod list;
pub mod outbox;
pub mod preferences;
pub mod unsubscribe;
pub mod webhooks;
