//! To be written.

pub mod account;
