//! Storage of incoming documents: registers and inboxes of the agencies.

pub mod inbox;
pub mod register;
pub mod state;

pub use state::DocumentRow;
