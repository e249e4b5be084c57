//! Other systems that want to know of events: the dashboard of the province (IOC), the national portal.
//!
//! Administrators make, change and end subscriptions; an event adds a line to the outbox for each that wants it. What is posted
//! says what happened and where to look, and never a name, an address or a text: whoever may see more asks the API with a right
//! of its own.

mod payload;
pub(super) mod replay;
mod subscriptions;

pub use payload::{EventBody, post};
pub use replay::{ReplayRequest, Replayed, replay};
pub(super) use subscriptions::going_on;
pub use subscriptions::{
    NewWebhook, WebhookChanges, WebhookRecord, WithSecret, amend, create, end, end_as_gone, list, read, rotate_secret,
};
