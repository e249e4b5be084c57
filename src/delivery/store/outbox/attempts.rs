//! The evidence: one row for each attempt, only ever added.

use crate::db::schema::delivery_attempts;
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::{AttemptOutcome, OutboxChannel};
use crate::kernel::Instant;
use crate::kernel::ids::OutboxId;
use diesel::prelude::*;

/// One attempt to deliver a line.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = delivery_attempts)]
pub struct AttemptRow {
    /// Which line.
    pub outbox_id: OutboxId,
    /// By which channel.
    pub channel: OutboxChannel,
    /// When it ended.
    pub attempted_at: Instant,
    /// How.
    pub outcome: AttemptOutcome,
    /// Why it failed, without personal data.
    pub problem: Option<String>,
    /// What the other side calls the message.
    pub reference: Option<String>,
}

/// Adds an attempt.
pub fn add_attempt(connection: &mut DbConnection, attempt: &AttemptRow) -> Result<(), StorageError> {
    diesel::insert_into(delivery_attempts::table).values(attempt).execute(connection)?;
    Ok(())
}

/// The attempts of a line, in order.
pub fn attempts_of(connection: &mut DbConnection, id: OutboxId) -> Result<Vec<AttemptRow>, StorageError> {
    let attempts = delivery_attempts::table.filter(delivery_attempts::outbox_id.eq(id)).order(delivery_attempts::id);
    Ok(attempts.select(AttemptRow::as_select()).load(connection)?)
}

/// The line that the other side took under this name.
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
