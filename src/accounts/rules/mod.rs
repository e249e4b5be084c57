//! Rules for accounts, user names and passwords that need no database.

pub mod api_scope;
pub mod password;
pub mod username;
