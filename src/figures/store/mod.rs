//! The shelf of the figures: changes as events made them, sums by day, month and year, and petitions with their timelines for
//! what sums cannot tell.
//!
//! Everything here reads or adds; the rules of what counts are in `figures::rules`.

pub mod changes;
mod columns;
mod kept;
mod petitions;
mod rows;
mod scope;
pub mod snapshots;
pub(crate) mod sums;

pub use changes::ChangeRow;
pub use kept::{PackedTimes, SumKey, add_sums, add_times, clear, forget_days};
pub use petitions::{Cohort, Standing, Subject, entries, page};
pub use rows::{is_uncounted, kept_sums, kept_times};
pub use scope::{Scope, Sum, sums, times};
