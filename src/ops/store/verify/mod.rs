//! Read-only queries of `ops::verify`: whole tables in pages, so that memory use stays constant.

pub mod audit_steps;
pub mod months;
pub mod publications;
pub mod registers;
