//! Sums over the kept rows; the cost grows with spans of time × agencies, never with petitions.

use crate::domain::ids::AgencyId;
use crate::domain::statistics::{Counters, Dimension, Grain, Times};
use crate::storage::connection::MultiBackend;
use crate::storage::{DbConnection, StorageError};
use chrono::NaiveDate;
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Binary, Date, Nullable, Text};
use std::ops::RangeInclusive;

/// Which rows to add up, and what to keep apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The dimension of the rows.
    pub dimension: Dimension,
    /// Only these values of the dimension; one empty value for `all`.
    pub values: Vec<String>,
    /// The span of time of the rows.
    pub grain: Grain,
    /// Spans of receipt, by their first days.
    pub received_in: RangeInclusive<NaiveDate>,
    /// Spans of events, by their first days.
    pub event_on: RangeInclusive<NaiveDate>,
    /// Keep the agencies apart.
    pub by_agency: bool,
    /// Keep the values of the dimension apart.
    pub by_value: bool,
    /// Keep the spans of receipt apart.
    pub by_receipt: bool,
    /// The wanted counters, by name; all others are 0.
    pub counters: &'static [&'static str],
}

/// One sum; what was not kept apart is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum<T> {
    /// The agency, or 0.
    pub agency_id: AgencyId,
    /// The value of the dimension, or nothing.
    pub value: String,
    /// The first day of the span of receipt.
    pub received_in: Option<NaiveDate>,
    /// What was added up.
    pub content: T,
}

impl<T> Sum<T> {
    fn read<'a>(row: &impl NamedRow<'a, MultiBackend>, content: T) -> deserialize::Result<Self> {
        Ok(Self {
            agency_id: NamedRow::get::<BigInt, _>(row, "agency_id")?,
            value: NamedRow::get::<Text, _>(row, "value")?,
            received_in: NamedRow::get::<Nullable<Date>, _>(row, "received_in")?,
            content,
        })
    }
}

impl QueryableByName<MultiBackend> for Sum<Counters> {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let mut counters = Vec::with_capacity(Counters::NAMES.len());
        for name in Counters::NAMES {
            counters.push(NamedRow::get::<BigInt, i64>(row, name)?);
        }
        Self::read(row, Counters::from_values(counters))
    }
}

impl QueryableByName<MultiBackend> for Sum<Times> {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let (added, taken) = (NamedRow::get::<Binary, _>(row, "added")?, NamedRow::get::<Binary, _>(row, "taken")?);
        Self::read(row, Times::of(added, taken))
    }
}

/// Adds up.
///
/// # Errors
/// Only those of the database.
pub fn sums(connection: &mut DbConnection, scope: &Scope) -> Result<Vec<Sum<Counters>>, StorageError> {
    let sum = |name: &&str| match scope.counters.contains(name) {
        true => format!("CAST(SUM({name}) AS BIGINT) AS {name}"),
        false => format!("CAST(0 AS BIGINT) AS {name}"),
    };
    let sums: Vec<String> = Counters::NAMES.iter().map(sum).collect();
    load(connection, scope, "statistics_sums", &sums.join(", "), " GROUP BY 1, 2, 3")
}

/// The processing times of the same rows; those of one group may come in several parts.
///
/// # Errors
/// Only those of the database.
pub fn times(connection: &mut DbConnection, scope: &Scope) -> Result<Vec<Sum<Times>>, StorageError> {
    load(connection, scope, "statistics_times", "added, taken", "")
}

fn load<T>(
    connection: &mut DbConnection,
    scope: &Scope,
    table: &str,
    content: &str,
    end: &str,
) -> Result<Vec<Sum<T>>, StorageError>
where
    Sum<T>: QueryableByName<MultiBackend> + 'static,
{
    let column = |wanted: bool, column: &'static str, empty: &'static str| if wanted { column } else { empty };
    let values: Vec<String> = (7..7 + scope.values.len()).map(|place| format!("${place}")).collect();
    let statement = format!(
        "SELECT {} AS agency_id, {} AS value, {} AS received_in, {content} FROM {table} WHERE dimension = $1 AND grain = $2 \
         AND event_on >= $3 AND event_on <= $4 AND received_in >= $5 AND received_in <= $6 AND value IN ({}){end}",
        column(scope.by_agency, "agency_id", "CAST(0 AS BIGINT)"),
        column(scope.by_value, "value", "CAST('' AS TEXT)"),
        column(scope.by_receipt, "received_in", "CAST(NULL AS DATE)"),
        values.join(", "),
    );
    let mut query = diesel::sql_query(statement)
        .into_boxed::<MultiBackend>()
        .bind::<Text, _>(scope.dimension)
        .bind::<Text, _>(scope.grain)
        .bind::<Date, _>(*scope.event_on.start())
        .bind::<Date, _>(*scope.event_on.end())
        .bind::<Date, _>(*scope.received_in.start())
        .bind::<Date, _>(*scope.received_in.end());
    for value in &scope.values {
        query = query.bind::<Text, _>(value.clone());
    }
    Ok(query.load(connection)?)
}
