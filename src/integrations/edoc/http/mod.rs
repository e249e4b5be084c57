//! The document exchange for administrators: its links and its messages.

pub mod links;
pub mod messages;
