//! Accounts, their roles and their sessions.
//!
//! `services::accounts` calls in with an open connection and gets words of the domain back. Rules kept here: a password's
//! hash leaves these files only to be checked, and lists hold officers only.

pub mod activity;
pub mod checks;
pub mod claims;
pub mod earlier_passwords;
pub mod imprint;
pub mod marks;
pub mod messages;
pub mod officers;
pub mod oidc;
pub mod profiles;
pub mod resets;
pub mod second_factors;
pub mod sessions;

mod row;
