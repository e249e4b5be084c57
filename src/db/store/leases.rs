//! Leases: only one of several instances on a database runs a periodic job at a time.

use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

/// Maximum clock difference between instances.
const DIFFERENCE: Duration = Duration::minutes(1);

/// Acquires or renews a lease until `until`; returns false while another holder has it. A lease that ends later
/// than a new one would was set by a clock that has been set back since, and is ignored.
pub fn acquire(
    connection: &mut DbConnection,
    name: &str,
    holder: &str,
    now: Instant,
    until: Instant,
) -> Result<bool, StorageError> {
    let rows = diesel::sql_query(
        "INSERT INTO leases (name, holder, held_until) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
         WHERE leases.holder = excluded.holder OR leases.held_until < $4 OR leases.held_until > $5",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(holder)
    .bind::<Timestamp, _>(until)
    .bind::<Timestamp, _>(now)
    .bind::<Timestamp, _>(until.plus(DIFFERENCE))
    .execute(connection)?;
    Ok(rows == 1)
}

/// Releases a lease, so that the next instance need not wait until it expires.
pub fn release(connection: &mut DbConnection, name: &str, holder: &str) -> Result<(), StorageError> {
    diesel::sql_query("DELETE FROM leases WHERE name = $1 AND holder = $2")
        .bind::<Text, _>(name)
        .bind::<Text, _>(holder)
        .execute(connection)?;
    Ok(())
}
