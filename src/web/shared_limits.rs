//! Limits over all instances: on PostgreSQL their leaky buckets stand in the database.
//!
//! Enter names of those who are limited, leave the levels of their buckets. Rules kept here: a name is stored as a keyed hash; where this
//! process is the only one, or the database does not answer at once, nothing leaves, and whoever asks counts for this process alone.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::db::store::buckets::{self, BucketCharge, BucketRow};

pub use crate::db::store::buckets::{BucketSize, OverflowPolicy};

/// What the hash is for.
const PURPOSE: &str = "limit";

/// What somebody has used.
#[derive(Debug, Clone)]
pub struct BucketUse {
    /// Of whom, and of what.
    pub name: String,
    /// How long it takes until it is forgotten, in microseconds.
    pub micros: i64,
}

/// How full a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SharedBucketLevel {
    /// When it is empty, in microseconds since 1970.
    pub empty_at: i64,
    /// Whether it has been full and is not half empty yet.
    pub is_high: bool,
    /// Whether it took what was poured in.
    pub has_taken: bool,
}

/// Pours into the buckets of these uses; their levels afterwards, in the same order.
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

/// Pours into these buckets where none of them is high; their levels, in the same order, and whether all took it.
pub async fn charge_unless_high(app: &App, uses: &[BucketUse], size: BucketSize) -> Option<Vec<SharedBucketLevel>> {
    let pours = pours(app, uses);
    let (keys, now) = (keys_of(&pours), app.now().utc().timestamp_micros());
    let (has_taken, rows) = app
        .db
        .count(move |connection| {
            // Pouring nothing holds the rows, so that nobody pours in between.
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

/// Pours into the buckets of these uses in a transaction, on either database; whether each of them took it. Where one did not, the others
/// keep what they got: whoever is refused here has asked.
pub fn charge_in(app: &App, connection: &mut DbConnection, uses: &[BucketUse], size: BucketSize) -> Result<bool, ServiceError> {
    let pours = pours(app, uses);
    let taken = buckets::charge(connection, &pours, app.now().utc().timestamp_micros(), size)?;
    Ok(taken.len() == pours.len())
}

/// The levels of the buckets of these names, in the same order.
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

/// The levels of these keys; none where there is no row.
fn in_order(keys: &[String], rows: &[BucketRow], has_taken: bool) -> Vec<Option<SharedBucketLevel>> {
    let level = |row: &BucketRow| SharedBucketLevel { empty_at: row.empty_at, is_high: row.is_high, has_taken };
    keys.iter().map(|key| rows.iter().find(|row| row.key == *key).map(level)).collect()
}

/// Forgets the buckets that are empty.
pub async fn purge(app: &App) -> Result<usize, ServiceError> {
    let now = app.now().utc().timestamp_micros();
    app.db.write(move |connection| Ok(buckets::purge(connection, now)?)).await
}
