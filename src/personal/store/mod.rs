//! What is held about one person in the tables of all wings, and taking it out.

pub mod clear;
pub mod redacted_texts;
pub mod reseal;
pub mod span;
pub mod subjects;
