//! The stored sums and their processing times: upserted by key, a few hundred per statement.

use crate::db::connection::MultiBackend;
use crate::db::dialect::append::appended;
use crate::db::schema::{statistics_sums, statistics_times};
use crate::db::{DbConnection, StorageError};
use crate::figures::rules::{Counters, Dimension, Grain};
use crate::kernel::ids::AgencyId;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Date, Text};

/// SQLite binds at most 32,766 values per statement, and a row has up to 29.
const ROWS_AT_ONCE: usize = 250;

/// The key of a stored sum, in the order of the table's primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RollupKey {
    pub dimension: Dimension,
    /// The value of the dimension; empty for `all`.
    pub value: String,
    /// The time span.
    pub grain: Grain,
    /// The first day of the event span.
    pub event_on: NaiveDate,
    /// The first day of the receipt span.
    pub received_in: NaiveDate,
    /// The agency; `COORDINATION` for the coordinator's desk.
    pub agency_id: AgencyId,
}

/// Packed processing times: added and removed ones.
pub type PackedTimes = (Vec<u8>, Vec<u8>);

const KEY: &str = "dimension, value, grain, event_on, received_in, agency_id";

/// Adds to the sums; keys must be unique.
pub fn add_sums(connection: &mut DbConnection, sums: &[(RollupKey, Counters)]) -> Result<(), StorageError> {
    let columns = Counters::NAMES.join(", ");
    let raised: Vec<String> =
        Counters::NAMES.iter().map(|name| format!("{name} = statistics_sums.{name} + excluded.{name}")).collect();
    let (begin, end) = statement("statistics_sums", &columns, &raised.join(", "));
    for rows in sums.chunks(ROWS_AT_ONCE) {
        RollupUpsert { begin: &begin, rows, end: &end }.execute(connection)?;
    }
    Ok(())
}

/// Adds to the processing times; keys must be unique.
pub fn add_times(connection: &mut DbConnection, times: &[(RollupKey, PackedTimes)]) -> Result<(), StorageError> {
    let raised = ["added", "taken"].map(|column| appended(connection, "statistics_times", column));
    let (begin, end) = statement("statistics_times", "added, taken", &raised.join(", "));
    for rows in times.chunks(ROWS_AT_ONCE) {
        RollupUpsert { begin: &begin, rows, end: &end }.execute(connection)?;
    }
    Ok(())
}

/// Deletes single days before this one, except for dimension `all`; months and years stay.
pub fn forget_days(connection: &mut DbConnection, before: NaiveDate) -> Result<usize, StorageError> {
    let mut forgotten = 0;
    for table in ["statistics_times", "statistics_sums"] {
        let statement = format!("DELETE FROM {table} WHERE dimension <> 'all' AND grain = 'day' AND event_on < $1");
        forgotten = diesel::sql_query(statement).bind::<Date, _>(before).execute(connection)?;
    }
    Ok(forgotten)
}

/// Deletes all sums and times.
pub fn clear(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::delete(statistics_sums::table).execute(connection)?;
    diesel::delete(statistics_times::table).execute(connection)?;
    Ok(())
}

fn statement(table: &str, columns: &str, raised: &str) -> (String, String) {
    let begin = format!("INSERT INTO {table} ({KEY}, {columns}) VALUES ");
    (begin, format!(" ON CONFLICT ({KEY}) DO UPDATE SET {raised}"))
}

/// The content of a row besides its key.
trait RollupContent {
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()>;
}

impl RollupContent for Counters {
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for value in self.values() {
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(value)?;
        }
        Ok(())
    }
}

impl RollupContent for PackedTimes {
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for bytes in [&self.0, &self.1] {
            out.push_sql(", ");
            out.push_bind_param::<Binary, _>(bytes)?;
        }
        Ok(())
    }
}

struct RollupUpsert<'a, C> {
    begin: &'a str,
    rows: &'a [(RollupKey, C)],
    end: &'a str,
}

impl<C> QueryId for RollupUpsert<'_, C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<DbConnection> for RollupUpsert<'_, C> {}

impl<C: RollupContent> QueryFragment<MultiBackend> for RollupUpsert<'_, C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(self.begin);
        for (place, (key, content)) in self.rows.iter().enumerate() {
            out.push_sql(if place == 0 { "(" } else { ", (" });
            out.push_bind_param::<Text, _>(&key.dimension)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(&key.value)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(&key.grain)?;
            out.push_sql(", ");
            out.push_bind_param::<Date, _>(&key.event_on)?;
            out.push_sql(", ");
            out.push_bind_param::<Date, _>(&key.received_in)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&key.agency_id)?;
            content.bind(&mut out)?;
            out.push_sql(")");
        }
        out.push_sql(self.end);
        Ok(())
    }
}
