//! The shelf of the figures: rolled-up rows by day, and petitions with their timelines for what rows cannot tell.
//!
//! Everything here reads or adds; the rules of what counts are in `domain::statistics`.

mod days;
mod petitions;
mod rows;
mod write;

pub use days::{Scope, Sum, sums};
pub use petitions::{Cohort, Standing, Subject, entries, page};
pub use rows::{RowKey, replace_all, rows_received};
pub use write::{DayKey, add};
