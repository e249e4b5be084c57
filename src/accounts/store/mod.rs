//! Accounts, their roles and their sessions.
//!
//! `accounts` calls in with an open connection and gets words of the domain back. Rules kept here: a password's
//! hash leaves these files only to be checked, and lists hold officers only.

pub mod activity;
pub mod checks;
pub mod claims;
mod columns;
pub mod earlier_passwords;
pub mod imprint;
pub mod marks;
pub mod messages;
pub mod officers;
pub mod profiles;
pub mod resets;
mod row;
pub mod second_factors;
pub mod sessions;
pub mod spent_proofs;
