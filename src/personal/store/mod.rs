//! Queries for the data of one person in the tables of all modules, and its removal.

pub mod clear;
pub mod redacted_texts;
pub mod reseal;
pub mod span;
pub mod subjects;
