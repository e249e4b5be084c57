//! HTTP handlers of the directory: public lists, and administration of the entries.

pub mod admin;
pub mod public;
