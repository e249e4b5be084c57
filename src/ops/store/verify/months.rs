//! The months of receipt that occur in petitions or statistics.

use crate::db::schema::{petitions, statistics_sums};
use crate::db::{DbConnection, StorageError};
use chrono::NaiveDate;
use diesel::dsl::{max, min};
use diesel::prelude::*;

/// Returns the first and the last day of receipt in petitions and statistics; `None` when both are empty.
pub fn first_and_last(connection: &mut DbConnection) -> Result<Option<(NaiveDate, NaiveDate)>, StorageError> {
    type Ends = (Option<NaiveDate>, Option<NaiveDate>);
    let by_petitions: Ends =
        petitions::table.select((min(petitions::received_on), max(petitions::received_on))).first(connection)?;
    let by_figures: Ends = statistics_sums::table
        .select((min(statistics_sums::received_in), max(statistics_sums::received_in)))
        .first(connection)?;
    let first = by_petitions.0.into_iter().chain(by_figures.0).min();
    let last = by_petitions.1.into_iter().chain(by_figures.1).max();
    Ok(first.zip(last))
}
