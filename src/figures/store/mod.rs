//! Database access of the figures: changes by events, sums by day, month and year, and petitions with their timelines
//! for what sums cannot answer.
//!
//! This module only reads and writes; the counting rules are in `figures::rules`.

pub mod changes;
mod columns;
mod petitions;
mod rollup_rows;
mod rollups;
mod scope;
pub mod snapshots;
pub(crate) mod sums;

pub use changes::ChangeRow;
pub use petitions::{Cohort, CohortMember, SettlementStatus, entries, page};
pub use rollup_rows::{is_uncounted, rollup_sums, rollup_times};
pub use rollups::{PackedTimes, RollupKey, add_sums, add_times, clear, forget_days};
pub use scope::{GroupSum, SumScope, sums, times};
