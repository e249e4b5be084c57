//! Documents between us and the document systems of agencies: each incoming document can go out as an edXML message, statuses and
//! replies come back.
//!
//! | File | What |
//! |---|---|
//! | `links` | which agency exchanges, and how; kept by administrators |
//! | `dispatch` | what a step leaves to be sent, in the transaction of the step |
//! | `compose` | from a row to be sent to the message; the only place that gives an identity away |
//! | `carrier`, `folder`, `gateway` | how messages travel |
//! | `send`, `receive` | one round in each direction, called by `jobs` |
//! | `status`, `reply` | what a message that came in does to its document |
//! | `message_list` | lists, sending again, and what was sent and not acknowledged |
//!
//! Rules: network and files are never touched inside of a transaction; a message has one row however often it travels, so that both
//! directions may repeat; what comes in is never lost, whether it fits or not.

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
