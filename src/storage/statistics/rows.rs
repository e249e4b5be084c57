//! Single rolled-up rows, for the recount that holds them against the timeline and for rebuilding them from it.

use crate::domain::ids::AgencyId;
use crate::domain::statistics::{Counters, Dimension};
use crate::storage::connection::MultiBackend;
use crate::storage::schema::statistics_days;
use crate::storage::{DbConnection, StorageError};
use chrono::NaiveDate;
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Date, Text};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// The key of one row, in the order of the table's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKey {
    /// The dimension.
    pub dimension: Dimension,
    /// The value of the dimension; empty for `all`.
    pub value: String,
    /// The Vietnamese day of the events.
    pub event_on: NaiveDate,
    /// The first day of the Vietnamese month of receipt.
    pub received_in: NaiveDate,
    /// The agency; `COORDINATION` for the coordinator's desk.
    pub agency_id: AgencyId,
}

struct Row {
    key: RowKey,
    counters: Counters,
}

impl QueryableByName<MultiBackend> for Row {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let mut counters = Vec::with_capacity(Counters::NAMES.len());
        for name in Counters::NAMES {
            counters.push(NamedRow::get::<BigInt, i64>(row, name)?);
        }
        let key = RowKey {
            dimension: NamedRow::get::<Text, _>(row, "dimension")?,
            value: NamedRow::get::<Text, _>(row, "value")?,
            event_on: NamedRow::get::<Date, _>(row, "event_on")?,
            received_in: NamedRow::get::<Date, _>(row, "received_in")?,
            agency_id: NamedRow::get::<BigInt, _>(row, "agency_id")?,
        };
        Ok(Self { key, counters: Counters::from_values(counters) })
    }
}

/// The rows of what was received within these days, which begin and end with a month.
///
/// # Errors
/// Only those of the database.
pub fn rows_received(
    connection: &mut DbConnection,
    received_on: RangeInclusive<NaiveDate>,
) -> Result<BTreeMap<RowKey, Counters>, StorageError> {
    let rows: Vec<Row> = diesel::sql_query("SELECT * FROM statistics_days WHERE received_in >= $1 AND received_in <= $2")
        .bind::<Date, _>(*received_on.start())
        .bind::<Date, _>(*received_on.end())
        .load(connection)?;
    Ok(rows.into_iter().map(|row| (row.key, row.counters)).collect())
}

/// Puts these rows in the place of all that there are.
///
/// # Errors
/// Only those of the database.
pub fn replace_all(connection: &mut DbConnection, rows: BTreeMap<RowKey, Counters>) -> Result<(), StorageError> {
    diesel::delete(statistics_days::table).execute(connection)?;
    for (key, counters) in rows {
        Row { key, counters }.execute(connection)?;
    }
    Ok(())
}

static BEGINNING: LazyLock<String> = LazyLock::new(|| {
    let columns = Counters::NAMES.join(", ");
    format!("INSERT INTO statistics_days (dimension, value, event_on, received_in, agency_id, {columns}) VALUES (")
});

impl QueryId for Row {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<DbConnection> for Row {}

impl QueryFragment<MultiBackend> for Row {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(&BEGINNING);
        out.push_bind_param::<Text, _>(&self.key.dimension)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.key.value)?;
        out.push_sql(", ");
        out.push_bind_param::<Date, _>(&self.key.event_on)?;
        out.push_sql(", ");
        out.push_bind_param::<Date, _>(&self.key.received_in)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.key.agency_id)?;
        for value in self.counters.values() {
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(value)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
