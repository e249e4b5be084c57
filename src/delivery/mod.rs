//! Outgoing messages, notifications and webhook events, and the channels that deliver them.

pub mod audit_anchors;
pub mod channels;
pub mod http;
pub mod messages;
pub mod notifications;
pub mod outbox;
pub mod petition_events;
pub mod rules;
pub mod store;
pub mod webhooks;
