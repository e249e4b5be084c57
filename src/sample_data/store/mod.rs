//! Whole tables at once, for data sets that are made and not lived: rows enter as text, the tables hold them.
//!
//! Only `sample_data::generate` comes here, with a database that holds no petition and that nobody else uses: on PostgreSQL
//! indexes and references are taken away first and made again at the end, which is several times faster than keeping them.

mod constraints;
mod row;
mod sheet;

pub use constraints::{DroppedConstraints, drop_constraints, restore_constraints};
pub use row::GeneratedNotification;
pub use sheet::{CopySheet, CopySheets, write};
