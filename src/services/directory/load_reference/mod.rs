//! Reference data: enters as four CSV files, leaves as rows of the directory.

pub mod problem;
pub mod reference;

mod lines;
mod sheet;
