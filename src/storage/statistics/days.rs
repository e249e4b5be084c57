//! Sums over the rolled-up rows; the cost grows with days × agencies.

use crate::domain::ids::AgencyId;
use crate::domain::statistics::{Counters, Dimension};
use crate::storage::connection::MultiBackend;
use crate::storage::{DbConnection, StorageError};
use chrono::NaiveDate;
use diesel::deserialize::{self, QueryableByName};
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Date, Nullable, Text};
use std::ops::RangeInclusive;

/// Which rows to add up, and what to keep apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The dimension of the rows.
    pub dimension: Dimension,
    /// Only this value of the dimension.
    pub value: Option<String>,
    /// Months of receipt, by their first days.
    pub received_in: RangeInclusive<NaiveDate>,
    /// Days of the events.
    pub event_on: RangeInclusive<NaiveDate>,
    /// Keep the agencies apart.
    pub by_agency: bool,
    /// Keep the values of the dimension apart.
    pub by_value: bool,
    /// Keep the months of receipt apart.
    pub by_month: bool,
}

/// One sum; what was not kept apart is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The agency, or 0.
    pub agency_id: AgencyId,
    /// The value of the dimension, or nothing.
    pub value: String,
    /// The first day of the month of receipt.
    pub received_in: Option<NaiveDate>,
    /// The sums.
    pub counters: Counters,
}

impl QueryableByName<MultiBackend> for Sum {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let mut counters = Vec::with_capacity(Counters::NAMES.len());
        for name in Counters::NAMES {
            counters.push(NamedRow::get::<BigInt, i64>(row, name)?);
        }
        Ok(Self {
            agency_id: NamedRow::get::<BigInt, _>(row, "agency_id")?,
            value: NamedRow::get::<Text, _>(row, "value")?,
            received_in: NamedRow::get::<Nullable<Date>, _>(row, "received_in")?,
            counters: Counters::from_values(counters),
        })
    }
}

/// Adds up.
///
/// # Errors
/// Only those of the database.
pub fn sums(connection: &mut DbConnection, scope: &Scope) -> Result<Vec<Sum>, StorageError> {
    // Of `all` there is one value, and naming it lets the key of the table find the days.
    let value = if scope.dimension == Dimension::All { Some(String::new()) } else { scope.value.clone() };
    let query = diesel::sql_query(statement(scope, value.is_some()))
        .into_boxed::<MultiBackend>()
        .bind::<Text, _>(scope.dimension)
        .bind::<Date, _>(*scope.event_on.start())
        .bind::<Date, _>(*scope.event_on.end())
        .bind::<Date, _>(*scope.received_in.start())
        .bind::<Date, _>(*scope.received_in.end());
    let query = match value {
        Some(value) => query.bind::<Text, _>(value),
        None => query,
    };
    Ok(query.load(connection)?)
}

fn statement(scope: &Scope, has_value: bool) -> String {
    let column = |wanted: bool, column: &'static str, empty: &'static str| if wanted { column } else { empty };
    let sums: Vec<String> = Counters::NAMES.iter().map(|name| format!("CAST(SUM({name}) AS BIGINT) AS {name}")).collect();
    format!(
        "SELECT {} AS agency_id, {} AS value, {} AS received_in, {} FROM statistics_days \
         WHERE dimension = $1 AND event_on >= $2 AND event_on <= $3 AND received_in >= $4 AND received_in <= $5{} \
         GROUP BY 1, 2, 3",
        column(scope.by_agency, "agency_id", "CAST(0 AS BIGINT)"),
        column(scope.by_value, "value", "CAST('' AS TEXT)"),
        column(scope.by_month, "received_in", "CAST(NULL AS DATE)"),
        sums.join(", "),
        if has_value { " AND value = $6" } else { "" },
    )
}
