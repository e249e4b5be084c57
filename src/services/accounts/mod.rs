//! Accounts: signing in, staying signed in, and who may.

pub mod passwords;
