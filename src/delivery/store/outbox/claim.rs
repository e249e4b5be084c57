//! Claims outbox rows and releases them: each row is held by one instance at a time.

use super::OutboxRow;
use crate::db::dialect::lock::skip_locked;
use crate::db::schema::outbox;
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::{OutboxChannel, OutboxState};
use crate::kernel::Instant;
use crate::kernel::ids::OutboxId;
use diesel::prelude::*;
use diesel::query_dsl::methods::LoadQuery;
use diesel::sql_types::{BigInt, Text, Timestamp};

#[derive(QueryableByName)]
pub(super) struct ClaimedLine {
    #[diesel(sql_type = BigInt)]
    id: OutboxId,
}

/// Claims due rows for people on the given channels until a time, oldest first; skips rows held by another instance
/// whose claim has not expired.
///
/// Of the messages to a petitioner about one petition only the oldest due one is claimed, so that nobody reads the
/// answer before the notice that work has begun. A row that is put off does not block later ones.
pub fn claim(
    connection: &mut DbConnection,
    channels: &[OutboxChannel],
    holder: &str,
    (now, until): (Instant, Instant),
    limit: i64,
) -> Result<Vec<OutboxRow>, StorageError> {
    let channels = channels.iter().map(|channel| format!("'{}'", channel.as_str())).collect::<Vec<_>>().join(", ");
    let statement = format!(
        "UPDATE outbox SET holder = $1, held_until = $2 WHERE id IN (SELECT line.id FROM outbox AS line WHERE line.state = 'due' \
         AND line.webhook_id IS NULL AND line.channel IN ({channels}) \
         AND line.due_at <= $3 AND (line.held_until IS NULL OR line.held_until < $4) \
         AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.petition_id = line.petition_id \
         AND earlier.webhook_id IS NULL AND earlier.state = 'due' AND earlier.due_at <= $5 AND earlier.id < line.id) \
         ORDER BY line.due_at, line.id LIMIT $6{}) RETURNING id",
        skip_locked(connection)
    );
    let claim = diesel::sql_query(statement)
        .bind::<Text, _>(holder)
        .bind::<Timestamp, _>(until)
        .bind::<Timestamp, _>(now)
        .bind::<Timestamp, _>(now)
        .bind::<Timestamp, _>(now)
        .bind::<BigInt, _>(limit);
    claimed(connection, claim)
}

/// Returns the rows claimed by a statement, oldest first.
pub(super) fn claimed<'a, Q>(connection: &mut DbConnection, claim: Q) -> Result<Vec<OutboxRow>, StorageError>
where
    Q: LoadQuery<'a, DbConnection, ClaimedLine>,
{
    let claimed: Vec<ClaimedLine> = claim.load(connection)?;
    let ids: Vec<OutboxId> = claimed.iter().map(|claimed| claimed.id).collect();
    let rows = outbox::table.filter(outbox::id.eq_any(ids)).order((outbox::due_at, outbox::id));
    Ok(rows.select(OutboxRow::as_select()).load(connection)?)
}

/// Extends the claim on a row before an attempt, and records whether a message may arrive without the result becoming
/// known. Returns `false` when another instance has claimed the row meanwhile or it is settled.
pub fn begin_attempt(
    connection: &mut DbConnection,
    holder: &str,
    id: OutboxId,
    until: Instant,
    may_arrive: bool,
) -> Result<bool, StorageError> {
    let mine =
        outbox::table.filter(outbox::id.eq(id)).filter(outbox::holder.eq(holder)).filter(outbox::state.eq(OutboxState::Due));
    let held = outbox::held_until.eq(Some(until));
    let changed = if may_arrive {
        diesel::update(mine).set((held, outbox::is_uncertain.eq(true))).execute(connection)?
    } else {
        diesel::update(mine).set(held).execute(connection)?
    };
    Ok(changed == 1)
}

/// Stores the result of a row unless another instance has claimed it meanwhile. A successful delivery is always
/// stored, whoever holds the row.
pub fn settle(connection: &mut DbConnection, holder: &str, row: &OutboxRow) -> Result<bool, StorageError> {
    let this = outbox::table.filter(outbox::id.eq(row.id)).filter(outbox::state.ne(OutboxState::Delivered));
    let changed = if row.state == OutboxState::Delivered {
        diesel::update(this).set(row).execute(connection)?
    } else {
        let mine = this.filter(outbox::holder.eq(holder)).filter(outbox::state.eq(OutboxState::Due));
        diesel::update(mine).set(row).execute(connection)?
    };
    Ok(changed == 1)
}

/// Releases every row an instance still holds.
pub fn release(connection: &mut DbConnection, holder: &str) -> Result<usize, StorageError> {
    let mine = outbox::table.filter(outbox::holder.eq(holder)).filter(outbox::state.eq(OutboxState::Due));
    let nobody = (outbox::holder.eq(None::<String>), outbox::held_until.eq(None::<Instant>));
    Ok(diesel::update(mine).set(nobody).execute(connection)?)
}
