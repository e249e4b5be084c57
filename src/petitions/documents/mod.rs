//! Incoming documents as officers see them: the inbox, one document, the register.

pub mod identity;
pub mod inbox;
pub mod left;
pub mod read;
pub mod register;
