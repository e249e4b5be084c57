//! Leaky buckets that several instances fill: each request pours something in, and it runs out with time.
//!
//! A bucket is the moment at which it will be empty, so that one statement fills it whoever else does. A key is a keyed hash; what it
//! stands for is known to `web::shared_limits` alone.

use crate::db::connection::MultiBackend;
use crate::db::schema::leaky_buckets;
use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::Text;

/// How full a bucket is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = leaky_buckets)]
pub struct BucketRow {
    /// The keyed hash.
    pub key: String,
    /// When it is empty, in microseconds since 1970.
    pub empty_at: i64,
    /// Whether it has been full and is not half empty yet.
    pub is_high: bool,
}

/// What is poured into a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketCharge {
    /// The keyed hash.
    pub key: String,
    /// How long it takes to run out, in microseconds.
    pub micros: i64,
}

/// What becomes of more than a bucket holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverflowPolicy {
    /// Nothing is poured in, and the bucket is not among those returned.
    Refused,
    /// The bucket is full.
    Lost,
}

/// How much a bucket holds, as the microseconds in which it runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketSize {
    /// It counts as high from here on, and until half of this is left.
    pub high: i64,
    /// It never holds more.
    pub most: i64,
    /// What becomes of more.
    pub overflow: OverflowPolicy,
}

/// Pours into buckets of one size; those that took it, as they are now. A bucket that a clock set back since has filled beyond its size
/// counts as full.
pub fn charge(
    connection: &mut DbConnection,
    pours: &[BucketCharge],
    now: i64,
    size: BucketSize,
) -> Result<Vec<BucketRow>, StorageError> {
    let BucketSize { high, most, overflow } = size;
    let full = now.saturating_add(most);
    // In one order, so that two who pour into the same buckets do not wait for one another.
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

/// The buckets with these keys that are known.
pub fn find(connection: &mut DbConnection, keys: &[String]) -> Result<Vec<BucketRow>, StorageError> {
    let rows = leaky_buckets::table.filter(leaky_buckets::key.eq_any(keys));
    Ok(rows.select(BucketRow::as_select()).load(connection)?)
}

/// Forgets the buckets that are empty.
pub fn purge(connection: &mut DbConnection, now: i64) -> Result<usize, StorageError> {
    Ok(diesel::delete(leaky_buckets::table.filter(leaky_buckets::empty_at.lt(now))).execute(connection)?)
}
