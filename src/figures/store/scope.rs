//! Aggregates stored rows; the cost grows with time spans × agencies, never with petitions.

use crate::db::connection::MultiBackend;
use crate::db::{DbConnection, StorageError};
use crate::figures::rules::{Counters, Dimension, Grain, ProcessingTimes};
use crate::kernel::ids::AgencyId;
use chrono::NaiveDate;
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Binary, Date, Nullable, Text, Untyped};
use std::ops::RangeInclusive;

/// The rows to sum, and how to group them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumScope {
    /// The dimension of the rows.
    pub dimension: Dimension,
    /// Only these values of the dimension; one empty value for `all`.
    pub values: Vec<String>,
    /// The time span of the rows.
    pub grain: Grain,
    /// Receipt spans, by their first days.
    pub received_in: RangeInclusive<NaiveDate>,
    /// Event spans, by their first days.
    pub event_on: RangeInclusive<NaiveDate>,
    /// Group by agency.
    pub by_agency: bool,
    /// Group by dimension value.
    pub by_value: bool,
    /// Group by receipt span.
    pub by_receipt: bool,
    /// The names of the wanted counters; all others are 0.
    pub counters: &'static [&'static str],
}

/// One sum; columns that are not grouped by are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSum<T> {
    /// The agency, or 0.
    pub agency_id: AgencyId,
    /// The dimension value, or empty.
    pub value: String,
    /// The first day of the receipt span.
    pub received_in: Option<NaiveDate>,
    /// The sum.
    pub content: T,
}

/// The index of the first content column, after agency, value and receipt.
const CONTENT: usize = 3;

impl<T> GroupSum<T> {
    fn read<'a>(row: &impl NamedRow<'a, MultiBackend>, content: T) -> deserialize::Result<Self> {
        Ok(Self {
            agency_id: row.get_value::<BigInt, _, _>(0)?,
            value: row.get_value::<Text, _, _>(1)?,
            received_in: row.get_value::<Nullable<Date>, _, _>(2)?,
            content,
        })
    }
}

/// The wanted counters are in the order of [`Counters::NAMES`] and are read by position: looking up each name takes
/// longer than the database needs for the aggregation.
impl QueryableByName<MultiBackend> for GroupSum<Vec<i64>> {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let values = (CONTENT..row.field_count()).map(|place| row.get_value::<BigInt, i64, _>(place));
        Self::read(row, values.collect::<deserialize::Result<_>>()?)
    }
}

impl QueryableByName<MultiBackend> for GroupSum<ProcessingTimes> {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let (added, taken) = (row.get_value::<Binary, _, _>(CONTENT)?, row.get_value::<Binary, _, _>(CONTENT + 1)?);
        Self::read(row, ProcessingTimes::of(added, taken))
    }
}

/// Returns the sums.
pub fn sums(connection: &mut DbConnection, scope: &SumScope) -> Result<Vec<GroupSum<Counters>>, StorageError> {
    let is_wanted = |name: &&&str| scope.counters.contains(name);
    let sums: Vec<String> = Counters::NAMES.iter().filter(is_wanted).map(|name| format!("CAST(SUM({name}) AS BIGINT)")).collect();
    let rows: Vec<GroupSum<Vec<i64>>> = load(connection, scope, "statistics_sums", &sums.join(", "), " GROUP BY 1, 2, 3")?;
    let all = |wanted: Vec<i64>| {
        let mut wanted = wanted.into_iter();
        let value = |name: &&str| if scope.counters.contains(name) { wanted.next().unwrap_or_default() } else { 0 };
        Counters::from_values(Counters::NAMES.iter().map(value))
    };
    let sum = |GroupSum { agency_id, value, received_in, content }: GroupSum<Vec<i64>>| GroupSum {
        agency_id,
        value,
        received_in,
        content: all(content),
    };
    Ok(rows.into_iter().map(sum).collect())
}

/// Returns the processing times of the same rows; those of one group may come in several parts.
pub fn times(connection: &mut DbConnection, scope: &SumScope) -> Result<Vec<GroupSum<ProcessingTimes>>, StorageError> {
    load(connection, scope, "statistics_times", "added, taken", "")
}

fn load<T>(
    connection: &mut DbConnection,
    scope: &SumScope,
    table: &str,
    content: &str,
    end: &'static str,
) -> Result<Vec<GroupSum<T>>, StorageError>
where
    GroupSum<T>: QueryableByName<MultiBackend> + 'static,
{
    let column = |wanted: bool, column: &'static str, empty: &'static str| if wanted { column } else { empty };
    let select = format!(
        "SELECT {} AS agency_id, {} AS value, {} AS received_in, {content} FROM {table}",
        column(scope.by_agency, "agency_id", "CAST(0 AS BIGINT)"),
        column(scope.by_value, "value", "CAST('' AS TEXT)"),
        column(scope.by_receipt, "received_in", "CAST(NULL AS DATE)"),
    );
    Ok(SumStatement { select, scope, end }.load(connection)?)
}

/// The SQL of a scope. Cached as a prepared statement when it filters for one value, as queries by agency do: there are
/// few such statements, and planning one takes as long as running it.
struct SumStatement<'a> {
    select: String,
    scope: &'a SumScope,
    end: &'static str,
}

impl QueryId for SumStatement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for SumStatement<'_> {
    type SqlType = Untyped;
}

impl RunQueryDsl<DbConnection> for SumStatement<'_> {}

impl QueryFragment<MultiBackend> for SumStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let SumScope { dimension, values, grain, received_in, event_on, .. } = self.scope;
        if values.len() != 1 {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.select);
        out.push_sql(" WHERE dimension = ");
        out.push_bind_param::<Text, _>(dimension)?;
        out.push_sql(" AND grain = ");
        out.push_bind_param::<Text, _>(grain)?;
        let days = [
            (" AND event_on >= ", event_on.start()),
            (" AND event_on <= ", event_on.end()),
            (" AND received_in >= ", received_in.start()),
            (" AND received_in <= ", received_in.end()),
        ];
        for (text, day) in days {
            out.push_sql(text);
            out.push_bind_param::<Date, _>(day)?;
        }
        out.push_sql(" AND value IN (");
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<Text, _>(value)?;
        }
        out.push_sql(")");
        out.push_sql(self.end);
        Ok(())
    }
}
