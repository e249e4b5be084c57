//! Officers over HTTP: their accounts for administrators, and confirming them.

pub mod admin;
pub mod confirmations;
