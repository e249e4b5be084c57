//! Reads single stored rows, for the recount that compares them with the timelines.

use super::rollups::RollupKey;
use crate::db::connection::MultiBackend;
use crate::db::schema::{petitions, statistics_changes, statistics_sums};
use crate::db::{DbConnection, StorageError};
use crate::figures::rules::{Counters, Dimension, Grain, ProcessingTimes};
use chrono::NaiveDate;
use diesel::deserialize::{self, QueryableByName};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Binary, Date, Text};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// One row: key and content.
struct RollupRow<T>(RollupKey, T);

fn key<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<RollupKey> {
    Ok(RollupKey {
        dimension: NamedRow::get::<Text, _>(row, "dimension")?,
        value: NamedRow::get::<Text, _>(row, "value")?,
        grain: NamedRow::get::<Text, _>(row, "grain")?,
        event_on: NamedRow::get::<Date, _>(row, "event_on")?,
        received_in: NamedRow::get::<Date, _>(row, "received_in")?,
        agency_id: NamedRow::get::<BigInt, _>(row, "agency_id")?,
    })
}

impl QueryableByName<MultiBackend> for RollupRow<Counters> {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let mut counters = Vec::with_capacity(Counters::NAMES.len());
        for name in Counters::NAMES {
            counters.push(NamedRow::get::<BigInt, i64>(row, name)?);
        }
        Ok(Self(key(row)?, Counters::from_values(counters)))
    }
}

impl QueryableByName<MultiBackend> for RollupRow<ProcessingTimes> {
    fn build<'a>(row: &impl NamedRow<'a, MultiBackend>) -> deserialize::Result<Self> {
        let times = ProcessingTimes::of(NamedRow::get::<Binary, _>(row, "added")?, NamedRow::get::<Binary, _>(row, "taken")?);
        Ok(Self(key(row)?, times))
    }
}

/// Returns the stored sums of one dimension and grain for these receipt spans.
pub fn rollup_sums(
    connection: &mut DbConnection,
    dimension: Dimension,
    grain: Grain,
    received_in: &RangeInclusive<NaiveDate>,
) -> Result<BTreeMap<RollupKey, Counters>, StorageError> {
    load(connection, "statistics_sums", dimension, grain, received_in)
}

/// Returns the processing times of these sums.
pub fn rollup_times(
    connection: &mut DbConnection,
    dimension: Dimension,
    grain: Grain,
    received_in: &RangeInclusive<NaiveDate>,
) -> Result<BTreeMap<RollupKey, ProcessingTimes>, StorageError> {
    load(connection, "statistics_times", dimension, grain, received_in)
}

fn load<T>(
    connection: &mut DbConnection,
    table: &str,
    dimension: Dimension,
    grain: Grain,
    received_in: &RangeInclusive<NaiveDate>,
) -> Result<BTreeMap<RollupKey, T>, StorageError>
where
    RollupRow<T>: QueryableByName<MultiBackend> + 'static,
{
    let statement =
        format!("SELECT * FROM {table} WHERE dimension = $1 AND grain = $2 AND received_in >= $3 AND received_in <= $4");
    let rows: Vec<RollupRow<T>> = diesel::sql_query(statement)
        .bind::<Text, _>(dimension)
        .bind::<Text, _>(grain)
        .bind::<Date, _>(*received_in.start())
        .bind::<Date, _>(*received_in.end())
        .load(connection)?;
    Ok(rows.into_iter().map(|RollupRow(key, content)| (key, content)).collect())
}

/// Returns whether there are petitions but no figures: a database created before figures were stored this way.
pub fn is_uncounted(connection: &mut DbConnection) -> Result<bool, StorageError> {
    let has_petitions: bool = diesel::select(exists(petitions::table.select(petitions::id))).get_result(connection)?;
    let has_sums: bool =
        diesel::select(exists(statistics_sums::table.select(statistics_sums::agency_id))).get_result(connection)?;
    let has_changes: bool =
        diesel::select(exists(statistics_changes::table.select(statistics_changes::id))).get_result(connection)?;
    Ok(has_petitions && !has_sums && !has_changes)
}
