//! The outbox: everything that leaves the house is written down with the event that causes it, and sent afterwards.
//!
//! [`enqueue()`] adds the lines in the transaction of the event; the worker ([`deliver_due`]) takes lines whose turn has come, sends
//! them, and stores what happened together with the evidence. Rules kept here: what is written down is delivered at least once
//! under one key; a person is told by one channel only, and the next channel has its turn only when the one before certainly did
//! not reach them; nobody is woken at night.

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
