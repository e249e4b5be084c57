//! Incoming documents as officers see them: the inbox, one document, the register.

pub mod forwarded;
pub mod identity;
pub mod inbox;
pub mod read;
pub mod register;
