//! Leaky buckets shared by several instances: each request adds to a bucket, which drains with time.
//!
//! A bucket is stored as the time at which it will be empty, so that a single statement updates it under
//! concurrency. The key is a keyed hash; only `web::shared_limits` knows what it stands for.

use crate::db::connection::MultiBackend;
use crate::db::schema::leaky_buckets;
use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::Text;

/// The state of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = leaky_buckets)]
pub struct BucketRow {
    /// The keyed hash.
    pub key: String,
    /// When it will be empty, in microseconds since 1970.
    pub empty_at: i64,
    /// Whether it has reached the high level and has not yet dropped to half of it.
    pub is_high: bool,
}

/// An amount to add to a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketCharge {
    /// The keyed hash.
    pub key: String,
    /// Time for the amount to drain, in microseconds.
    pub micros: i64,
}

/// What happens when a bucket would overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverflowPolicy {
    /// Nothing is added, and the bucket is not returned.
    Refused,
    /// The bucket is filled up.
    Lost,
}

/// The capacity of a bucket, as its drain time in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketSize {
    /// The bucket counts as high from this level until it has dropped to half of it.
    pub high: i64,
    /// The capacity.
    pub most: i64,
    pub overflow: OverflowPolicy,
}

/// Adds to buckets of one size and returns those that accepted it, with their new state. A bucket above its
/// capacity, because a clock was set back, counts as full.
pub fn charge(
    connection: &mut DbConnection,
    pours: &[BucketCharge],
    now: i64,
    size: BucketSize,
) -> Result<Vec<BucketRow>, StorageError> {
    let BucketSize { high, most, overflow } = size;
    let full = now.saturating_add(most);
    // Sorted, so that concurrent transactions lock the buckets in the same order and do not deadlock.
    let mut pours = pours.to_vec();
    pours.sort();
    let rows: Vec<String> = (1..)
        .zip(&pours)
        .map(|(place, pour)| {
            let (empty_at, is_high) = (now.saturating_add(pour.micros).min(full), pour.micros >= high);
            format!("(${place}, {empty_at}, {is_high})")
        })
        .collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let held =
        format!("CASE WHEN kept.empty_at < {now} THEN {now} WHEN kept.empty_at > {full} THEN {full} ELSE kept.empty_at END");
    let sum = format!("({held} + excluded.empty_at - {now})");
    let capped = format!("CASE WHEN {sum} > {full} THEN {full} ELSE {sum} END");
    let condition = match overflow {
        OverflowPolicy::Refused => format!("WHERE {sum} <= {full}"),
        OverflowPolicy::Lost => String::new(),
    };
    let statement = format!(
        "INSERT INTO leaky_buckets AS kept (key, empty_at, is_high) VALUES {} ON CONFLICT (key) DO UPDATE SET empty_at = {capped}, \
         is_high = ({sum} - {now} >= {high} OR (kept.is_high AND ({held} - {now}) * 2 > {high})) {condition} \
         RETURNING key, empty_at, is_high",
        rows.join(", ")
    );
    let mut query = diesel::sql_query(statement).into_boxed::<MultiBackend>();
    for pour in pours {
        query = query.bind::<Text, _>(pour.key);
    }
    Ok(query.load(connection)?)
}

/// Returns the existing buckets with these keys.
pub fn find(connection: &mut DbConnection, keys: &[String]) -> Result<Vec<BucketRow>, StorageError> {
    let rows = leaky_buckets::table.filter(leaky_buckets::key.eq_any(keys));
    Ok(rows.select(BucketRow::as_select()).load(connection)?)
}

/// Deletes empty buckets.
pub fn purge(connection: &mut DbConnection, now: i64) -> Result<usize, StorageError> {
    Ok(diesel::delete(leaky_buckets::table.filter(leaky_buckets::empty_at.lt(now))).execute(connection)?)
}
