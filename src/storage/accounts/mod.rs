//! Accounts, their roles and their sessions.
//!
//! `services::accounts` calls in with an open connection and gets words of the domain back. Rules kept here: a password's
//! hash leaves these files only to be checked, and lists hold officers only.

pub mod officers;
pub mod profiles;
pub mod sessions;

mod row;
