//! Incoming documents for officers: the inbox, single documents and the register.

pub mod forwarded;
pub mod identity;
pub mod inbox;
pub mod read;
pub mod register;
