//! Published reports and the petitions behind them, by month of receipt.
//!
//! They are immutable: there is no update and no delete here, and there must never be one.

use crate::db::schema::{petitions, snapshot_petitions, snapshots};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::AccountId;
use chrono::NaiveDate;
use diesel::dsl::min;
use diesel::prelude::*;

/// A published report.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = snapshots)]
pub struct SnapshotRow {
    /// Its public code.
    pub code: String,
    pub title: String,
    pub created_at: Instant,
    pub created_by: AccountId,
    /// The cut-off.
    pub as_of: Instant,
    /// The version of the counting rules.
    pub rule_version: String,
    /// The query as JSON.
    pub question: String,
    /// The result as JSON.
    pub figures: String,
    /// The hash of everything.
    pub sha256: String,
}

/// A report without its figures, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = snapshots)]
pub struct SnapshotHeadRow {
    /// Its public code.
    pub code: String,
    pub title: String,
    pub created_at: Instant,
    /// The cut-off.
    pub as_of: Instant,
    /// The version of the counting rules.
    pub rule_version: String,
    /// The query as JSON.
    pub question: String,
    /// The hash of everything.
    pub sha256: String,
}

/// The petitions behind a report that were received in one month.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = snapshot_petitions)]
pub struct MonthRow {
    pub snapshot_code: String,
    /// The first day of the month.
    pub received_in: NaiveDate,
    /// Number of lines.
    pub petition_count: i64,
    /// One line per petition.
    pub lines: String,
    /// The hash of the lines.
    pub sha256: String,
}

/// A month without its lines: first day, number of petitions, hash.
pub type MonthHead = (NaiveDate, i64, String);

/// Inserts a report.
pub fn insert(connection: &mut DbConnection, snapshot: &SnapshotRow) -> Result<(), StorageError> {
    diesel::insert_into(snapshots::table).values(snapshot).execute(connection)?;
    Ok(())
}

/// Inserts the petitions of one month.
pub fn insert_month(connection: &mut DbConnection, month: &MonthRow) -> Result<(), StorageError> {
    diesel::insert_into(snapshot_petitions::table).values(month).execute(connection)?;
    Ok(())
}

/// Returns one report.
pub fn find(connection: &mut DbConnection, code: &str) -> Result<Option<SnapshotRow>, StorageError> {
    Ok(snapshots::table.find(code).select(SnapshotRow::as_select()).first(connection).optional()?)
}

/// Returns a page of reports, newest first, before the given instant and code.
pub fn page(
    connection: &mut DbConnection,
    before: Option<&(Instant, String)>,
    limit: i64,
) -> Result<Vec<SnapshotHeadRow>, StorageError> {
    let mut query = snapshots::table.into_boxed();
    if let Some((at, code)) = before {
        let same = snapshots::created_at.eq(*at).and(snapshots::code.lt(code));
        query = query.filter(snapshots::created_at.lt(*at).or(same));
    }
    let newest = (snapshots::created_at.desc(), snapshots::code.desc());
    Ok(query.order(newest).limit(limit).select(SnapshotHeadRow::as_select()).load(connection)?)
}

/// Returns the months of a report in order, without their lines.
pub fn months(connection: &mut DbConnection, code: &str) -> Result<Vec<MonthHead>, StorageError> {
    Ok(snapshot_petitions::table
        .filter(snapshot_petitions::snapshot_code.eq(code))
        .order(snapshot_petitions::received_in)
        .select((snapshot_petitions::received_in, snapshot_petitions::petition_count, snapshot_petitions::sha256))
        .load(connection)?)
}

/// Returns one month of a report.
pub fn month(connection: &mut DbConnection, code: &str, received_in: NaiveDate) -> Result<Option<MonthRow>, StorageError> {
    Ok(snapshot_petitions::table.find((code, received_in)).select(MonthRow::as_select()).first(connection).optional()?)
}

/// Returns the day on which the first petition was received.
pub fn first_day(connection: &mut DbConnection) -> Result<Option<NaiveDate>, StorageError> {
    Ok(petitions::table.select(min(petitions::received_on)).first(connection)?)
}
