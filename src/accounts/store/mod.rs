//! Accounts, their roles and their sessions.
//!
//! `accounts` calls in with an open connection and gets words of the domain back. Rules kept here: a password's
//! hash leaves these files only to be checked, and lists hold officers only.

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
