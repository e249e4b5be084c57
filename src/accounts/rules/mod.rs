//! What holds for accounts, their names and passwords, without any database.

pub mod api_scope;
pub mod password;
pub mod username;
