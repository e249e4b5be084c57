//! Administrator endpoints of the document exchange: links and messages.

pub mod links;
pub mod messages;
