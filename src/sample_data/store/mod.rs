//! Bulk loading of whole tables for generated data sets; rows are passed as text.
//!
//! Used only by `sample_data::generate`, on a database without petitions and without other users. On PostgreSQL
//! indexes and foreign keys are dropped first and rebuilt at the end, which is several times faster than
//! maintaining them.

mod constraints;
mod row;
mod sheet;

pub use constraints::{DroppedConstraints, drop_constraints, restore_constraints};
pub use row::GeneratedNotification;
pub use sheet::{CopySheet, CopySheets, write};
