//! What `ops::verify` reads: whole tables, in spans, so that memory does not grow with them. Nothing here writes.

pub mod audit_steps;
pub mod months;
pub mod publications;
pub mod registers;
