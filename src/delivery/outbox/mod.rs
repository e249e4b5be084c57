//! The transactional outbox: every outgoing message is stored together with the event that causes it, and sent later.
//!
//! [`enqueue()`] adds rows in the transaction of the event; the worker ([`deliver_due`]) claims due rows, sends them
//! and stores the result and the attempt. Rules: every row is delivered at least once, always under the same key. A
//! person is notified through one channel only; the next channel is tried only if the previous one certainly failed.
//! No messages at night.

mod account_messages;
pub(crate) mod bounce;
mod contact;
mod deliver;
pub(crate) mod enqueue;
mod inspect;
mod settle;
mod webhook_delivery;

pub use bounce::{BounceOutcome, bounce, bounce_name};
pub use contact::forget_days;
pub use deliver::{DeliveryLane, DeliverySummary, deliver_by, deliver_due, release};
pub use enqueue::enqueue;
pub(super) use enqueue::for_webhook;
pub(crate) use enqueue::{for_account_message, for_password_reset};
pub use inspect::{AttemptRecord, OutboxBacklog, OutboxDetail, OutboxLine, OutboxQuery, list, read, resend, waiting};
pub use webhook_delivery::{deliver_to, receivers_due};
