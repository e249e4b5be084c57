//! Database access for accounts, their roles and their sessions.
//!
//! Called by `accounts` with an open connection; returns domain types. Rules: a password hash leaves these files
//! only to be verified, and lists contain officers only.

pub mod account_digest;
pub mod activity;
mod columns;
pub mod earlier_passwords;
pub mod login_failures;
pub mod messages;
pub mod officer_confirmations;
pub mod officers;
pub mod password_resets;
pub mod profiles;
mod row;
pub mod second_factors;
pub mod sessions;
pub mod spent_challenges;
pub mod unverified_contacts;
