//! Storage of the deadline computation of a petition, so that it can be explained and recomputed.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::{deadlines, petitions};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{DeadlineRuleId, PetitionId};
use chrono::NaiveDate;
use diesel::prelude::*;

/// Rule, calendar and days behind `petitions.due_at`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deadlines, primary_key(petition_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DeadlineRow {
    pub petition_id: PetitionId,
    pub rule_id: DeadlineRuleId,
    /// Version of the calendar used for the count.
    pub calendar_version: i64,
    /// Start of the count: the filing, or the reopening.
    pub starts_at: Instant,
    /// Working time in milliseconds for which the clock was paused.
    pub paused_working_ms: i64,
    /// The last day of a granted extension.
    pub extended_until: Option<NaiveDate>,
    /// `directory::rules::deadline::Deadline` as JSON.
    pub explanation: String,
}

/// Stores the deadline of a new petition.
pub fn insert(connection: &mut DbConnection, deadline: &DeadlineRow) -> Result<(), StorageError> {
    let statement = diesel::insert_into(deadlines::table).values(deadline);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Updates the deadline of a petition.
pub fn update(connection: &mut DbConnection, deadline: &DeadlineRow) -> Result<(), StorageError> {
    diesel::update(deadlines::table.find(deadline.petition_id)).set(deadline).execute(connection)?;
    Ok(())
}

/// Returns the deadline of a petition.
///
/// # Errors
/// `Missing` when the petition has none, which means a broken database.
pub fn find(connection: &mut DbConnection, id: PetitionId) -> Result<DeadlineRow, StorageError> {
    Ok(deadlines::table.find(id).select(DeadlineRow::as_select()).get_result(connection)?)
}

/// Returns the row numbers of petitions whose deadline still runs: those not settled, or reopened.
pub fn running(connection: &mut DbConnection) -> Result<Vec<PetitionId>, StorageError> {
    use crate::petitions::rules::Status;
    let open: Vec<Status> = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
    Ok(petitions::table.filter(petitions::status.eq_any(open)).order(petitions::id).select(petitions::id).load(connection)?)
}
