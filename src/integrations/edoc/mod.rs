//! Document exchange with the agencies' document systems: incoming documents can be sent as edXML messages, statuses
//! and replies come back.
//!
//! | File | Purpose |
//! |---|---|
//! | `links` | which agency exchanges documents, and how; managed by administrators |
//! | `dispatch` | queues messages for a step of a petition, in the transaction of the step |
//! | `compose` | builds the message of a queued row; the only place that discloses an identity |
//! | `carrier`, `folder`, `gateway` | transport |
//! | `send`, `receive` | one round in each direction, called by `jobs` |
//! | `status`, `reply` | apply an incoming message to its document |
//! | `message_list` | lists, resending, unacknowledged messages |
//!
//! Rules: no network or file access inside a transaction. A message has one row however often it is sent or received,
//! so both directions may repeat. Incoming messages are always stored, even if they cannot be applied.

pub mod carrier;
mod compose;
pub mod dispatch;
mod files;
mod folder;
mod gateway;
pub mod http;
mod incoming;
pub mod links;
pub mod message_list;
pub mod petition_events;
pub mod receive;
mod reply;
pub mod rules;
pub mod send;
mod status;
pub mod store;
