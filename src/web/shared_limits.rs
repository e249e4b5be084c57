//! Rate limit counters shared by all instances, as leaky buckets in PostgreSQL.
//!
//! Takes the names of limited clients, returns the levels of their buckets. Rules: a name is stored as a keyed
//! hash; `None` is returned on SQLite, where this is the only process, and when the database does not answer in
//! time; the caller then counts in this process alone.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::db::store::buckets::{self, BucketCharge, BucketRow};

pub use crate::db::store::buckets::{BucketSize, OverflowPolicy};

/// The purpose of the hash.
const PURPOSE: &str = "limit";

/// An amount used.
#[derive(Debug, Clone)]
pub struct BucketUse {
    /// Who used what.
    pub name: String,
    /// Time for the amount to drain, in microseconds.
    pub micros: i64,
}

/// The level of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SharedBucketLevel {
    /// When it will be empty, in microseconds since 1970.
    pub empty_at: i64,
    /// Whether it has reached the high level and has not yet dropped to half of it.
    pub is_high: bool,
    /// Whether it accepted the amount.
    pub has_taken: bool,
}

/// Adds to the buckets of these uses; returns their new levels in the same order.
pub async fn charge(app: &App, uses: &[BucketUse], size: BucketSize) -> Option<Vec<SharedBucketLevel>> {
    let pours = pours(app, uses);
    let (keys, now) = (keys_of(&pours), app.now().utc().timestamp_micros());
    let asked = keys.clone();
    let (taken, known) = app
        .db
        .count(move |connection| {
            let taken = buckets::charge(connection, &pours, now, size)?;
            let known = if taken.len() < keys.len() { buckets::find(connection, &keys)? } else { Vec::new() };
            Ok((taken, known))
        })
        .await?;
    let known = in_order(&asked, &known, false);
    let taken = in_order(&asked, &taken, true);
    Some(taken.into_iter().zip(known).map(|(taken, known)| taken.or(known).unwrap_or_default()).collect())
}

/// Adds to these buckets unless one of them is high; returns their levels in the same order, and whether all
/// accepted.
pub async fn charge_unless_high(app: &App, uses: &[BucketUse], size: BucketSize) -> Option<Vec<SharedBucketLevel>> {
    let pours = pours(app, uses);
    let (keys, now) = (keys_of(&pours), app.now().utc().timestamp_micros());
    let (has_taken, rows) = app
        .db
        .count(move |connection| {
            // Adding 0 locks the rows, so that nobody adds in between.
            let held: Vec<BucketCharge> = pours.iter().map(|pour| BucketCharge { micros: 0, ..pour.clone() }).collect();
            let rows = buckets::charge(connection, &held, now, size)?;
            if rows.iter().any(|row| row.is_high) {
                return Ok((false, rows));
            }
            Ok((true, buckets::charge(connection, &pours, now, size)?))
        })
        .await?;
    let empty = SharedBucketLevel { has_taken, ..SharedBucketLevel::default() };
    Some(in_order(&keys, &rows, has_taken).into_iter().map(|level| level.unwrap_or(empty)).collect())
}

/// Adds to the buckets in a transaction, on either database; returns whether all accepted. If one did not, the
/// others keep the amount, because a rejected attempt counts too.
pub fn charge_in(app: &App, connection: &mut DbConnection, uses: &[BucketUse], size: BucketSize) -> Result<bool, ServiceError> {
    let pours = pours(app, uses);
    let taken = buckets::charge(connection, &pours, app.now().utc().timestamp_micros(), size)?;
    Ok(taken.len() == pours.len())
}

/// Returns the levels of the buckets of these names in the same order.
pub async fn levels(app: &App, names: &[String]) -> Option<Vec<SharedBucketLevel>> {
    let keys: Vec<String> = names.iter().map(|name| app.seal.of(PURPOSE, name)).collect();
    let asked = keys.clone();
    let known = app.db.count(move |connection| buckets::find(connection, &keys)).await?;
    Some(in_order(&asked, &known, false).into_iter().map(Option::unwrap_or_default).collect())
}

fn pours(app: &App, uses: &[BucketUse]) -> Vec<BucketCharge> {
    uses.iter().map(|used| BucketCharge { key: app.seal.of(PURPOSE, &used.name), micros: used.micros }).collect()
}

fn keys_of(pours: &[BucketCharge]) -> Vec<String> {
    pours.iter().map(|pour| pour.key.clone()).collect()
}

/// Returns the levels of these keys; `None` without a row.
fn in_order(keys: &[String], rows: &[BucketRow], has_taken: bool) -> Vec<Option<SharedBucketLevel>> {
    let level = |row: &BucketRow| SharedBucketLevel { empty_at: row.empty_at, is_high: row.is_high, has_taken };
    keys.iter().map(|key| rows.iter().find(|row| row.key == *key).map(level)).collect()
}

/// Deletes empty buckets.
pub async fn purge(app: &App) -> Result<usize, ServiceError> {
    let now = app.now().utc().timestamp_micros();
    app.db.write(move |connection| Ok(buckets::purge(connection, now)?)).await
}
