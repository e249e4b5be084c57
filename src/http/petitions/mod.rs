//! Petitions as their petitioners meet them: file, follow, respond.

pub mod file;
pub mod list;
pub mod read;
pub mod respond;
