//! Leases: of several instances on one database, one at a time does a periodic duty.

use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

/// How far the clocks of instances may differ.
const DIFFERENCE: Duration = Duration::minutes(1);

/// Takes or renews a lease until `until`; false while somebody else holds it. One that lasts longer than it would from now on was
/// given by a clock that has been set back since, and holds nobody up.
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

/// Gives a lease back, so that the next instance need not wait for its end.
pub fn release(connection: &mut DbConnection, name: &str, holder: &str) -> Result<(), StorageError> {
    diesel::sql_query("DELETE FROM leases WHERE name = $1 AND holder = $2")
        .bind::<Text, _>(name)
        .bind::<Text, _>(holder)
        .execute(connection)?;
    Ok(())
}
