//! Webhooks for other systems: the provincial dashboard (IOC), the national portal.
//!
//! Administrators manage subscriptions; each event adds an outbox row for every subscription that wants it. Rule: the
//! payload says what happened and where to look, never a name, an address or a text. Receivers that may see more
//! request it from the API with their own credentials.

mod payload;
pub(super) mod replay;
mod subscriptions;

pub use payload::{EventBody, post};
pub use replay::{ReplayRequest, Replayed, replay};
pub(super) use subscriptions::going_on;
pub use subscriptions::{
    NewWebhook, WebhookChanges, WebhookRecord, WithSecret, amend, create, end, end_as_gone, list, read, rotate_secret,
};
