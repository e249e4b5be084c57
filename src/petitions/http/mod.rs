//! Petitions as their petitioners meet them: file, follow, respond.

pub mod coordination;
pub mod documents;
pub mod file;
pub mod imports;
pub mod list;
pub mod public;
pub mod publication;
pub mod read;
pub mod respond;
pub mod serve;
