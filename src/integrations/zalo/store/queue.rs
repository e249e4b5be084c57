//! Taking lines of a queue in hand: of several instances each line is with one, and of one person only the oldest line is taken.

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

/// Takes lines whose turn has come until a moment; those that somebody else holds only when their time is over.
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
