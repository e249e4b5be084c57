//! What leaves the house for people and other systems: messages, notifications and events, and the ways by which they go.

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
