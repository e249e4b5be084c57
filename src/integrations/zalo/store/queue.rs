//! Claims rows of a queue: each row is held by one instance, and per person only the oldest row is claimed.

use crate::db::dialect::lock::skip_locked;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

#[derive(QueryableByName)]
struct ClaimedId {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Claims due rows until a time; skips rows held by another instance whose claim has not expired.
pub(super) fn claim(
    connection: &mut DbConnection,
    table: &'static str,
    holder: &str,
    (now, until): (Instant, Instant),
    limit: i64,
) -> Result<Vec<i64>, StorageError> {
    let statement = format!(
        "UPDATE {table} SET holder = $1, held_until = $2 WHERE id IN (SELECT line.id FROM {table} AS line WHERE line.state = 'due' \
         AND line.due_at <= $3 AND (line.held_until IS NULL OR line.held_until < $4) AND NOT EXISTS (SELECT 1 FROM {table} AS earlier \
         WHERE earlier.oa_user_id = line.oa_user_id AND earlier.state = 'due' AND earlier.id < line.id) \
         ORDER BY line.id LIMIT $5{}) RETURNING id",
        skip_locked(connection)
    );
    let claimed: Vec<ClaimedId> = diesel::sql_query(statement)
        .bind::<Text, _>(holder)
        .bind::<Timestamp, _>(until)
        .bind::<Timestamp, _>(now)
        .bind::<Timestamp, _>(now)
        .bind::<BigInt, _>(limit)
        .load(connection)?;
    Ok(claimed.into_iter().map(|line| line.id).collect())
}
