//! Delivery attempts: one row each, append-only.

use crate::db::schema::delivery_attempts;
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::{AttemptOutcome, OutboxChannel};
use crate::kernel::Instant;
use crate::kernel::ids::OutboxId;
use diesel::prelude::*;

/// One attempt to deliver an outbox row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = delivery_attempts)]
pub struct AttemptRow {
    pub outbox_id: OutboxId,
    pub channel: OutboxChannel,
    /// When the attempt ended.
    pub attempted_at: Instant,
    pub outcome: AttemptOutcome,
    /// Failure reason, without personal data.
    pub problem: Option<String>,
    /// Message id assigned by the receiver.
    pub reference: Option<String>,
}

/// Inserts an attempt.
pub fn add_attempt(connection: &mut DbConnection, attempt: &AttemptRow) -> Result<(), StorageError> {
    diesel::insert_into(delivery_attempts::table).values(attempt).execute(connection)?;
    Ok(())
}

/// Returns the attempts of an outbox row, in order.
pub fn attempts_of(connection: &mut DbConnection, id: OutboxId) -> Result<Vec<AttemptRow>, StorageError> {
    let attempts = delivery_attempts::table.filter(delivery_attempts::outbox_id.eq(id)).order(delivery_attempts::id);
    Ok(attempts.select(AttemptRow::as_select()).load(connection)?)
}

/// Returns the outbox row for which the receiver returned this message id.
pub fn find_by_reference(
    connection: &mut DbConnection,
    channel: OutboxChannel,
    reference: &str,
) -> Result<Option<OutboxId>, StorageError> {
    let attempts = delivery_attempts::table
        .filter(delivery_attempts::channel.eq(channel))
        .filter(delivery_attempts::reference.eq(reference));
    Ok(attempts.select(delivery_attempts::outbox_id).first(connection).optional()?)
}
