//! Incoming documents: the registers of the agencies and their inboxes.

pub mod inbox;
pub mod register;
pub mod state;

pub use state::DocumentRow;
