//! The outbox table: rows written in the transaction of an event, claimed by one instance at a time, with a record of
//! each attempt.

mod attempts;
pub(in crate::delivery) mod claim;
pub(in crate::delivery) mod list;
pub(crate) mod recipient;
mod webhook_lines;

pub use attempts::{AttemptRow, add_attempt, attempts_of, find_by_reference};
pub use claim::{begin_attempt, claim, release, settle};
pub use list::{OutboxBacklogRow, OutboxFilter, OutboxTotals, list, totals, waiting};
pub use recipient::{Recipient, recipient, recipient_of_account};
pub use webhook_lines::{NO_ANSWER, claim_for, put_off, receivers_due, wake};

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::outbox;
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::{OutboxChannel, OutboxState};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountMessageId, OutboxId, PasswordResetId, PetitionId, WebhookId};
use diesel::prelude::*;

/// An outbox row: one receiver is to be notified of one timeline entry.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = outbox, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OutboxRow {
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: OutboxId,
    /// Idempotency key, the same for each attempt, so that the receiver recognises a duplicate.
    pub key: String,
    /// `None` for messages about an account.
    pub petition_id: Option<PetitionId>,
    /// Number of the timeline entry.
    pub sequence: i32,
    /// Receiving webhook; `None` for the petitioner.
    pub webhook_id: Option<WebhookId>,
    /// The current channel, or the one that delivered it.
    pub channel: OutboxChannel,
    pub state: OutboxState,
    /// Whether it may be sent during quiet hours.
    pub is_urgent: bool,
    /// Attempts on the current channel.
    pub attempts: i32,
    /// Whether an attempt on the current channel may have arrived.
    pub is_uncertain: bool,
    /// Time of the next attempt.
    pub due_at: Instant,
    /// The instance that has claimed the row.
    pub holder: Option<String>,
    /// When the claim expires.
    pub held_until: Option<Instant>,
    /// Failure reason of the last attempt, without personal data.
    pub problem: Option<String>,
    /// When the event happened.
    pub created_at: Instant,
    /// When it was delivered or given up.
    pub settled_at: Option<Instant>,
    /// The password reset it is about, if any.
    pub password_reset_id: Option<PasswordResetId>,
    /// The other account message it is about, if any.
    pub account_message_id: Option<AccountMessageId>,
}

/// Inserts a row; a duplicate key is an error.
pub fn insert(connection: &mut DbConnection, row: &OutboxRow) -> Result<(), StorageError> {
    let statement = diesel::insert_into(outbox::table).values(row);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Returns one row.
///
/// # Errors
/// `Missing` when there is none.
pub fn find(connection: &mut DbConnection, id: OutboxId) -> Result<OutboxRow, StorageError> {
    Ok(outbox::table.find(id).select(OutboxRow::as_select()).get_result(connection)?)
}

/// Resets a row: due now, as if never tried. Delivered rows are left unchanged.
pub fn start_again(
    connection: &mut DbConnection,
    id: OutboxId,
    channel: OutboxChannel,
    due_at: Instant,
) -> Result<bool, StorageError> {
    let undelivered = outbox::table.filter(outbox::id.eq(id)).filter(outbox::state.ne(OutboxState::Delivered));
    let changed = diesel::update(undelivered)
        .set((
            outbox::state.eq(OutboxState::Due),
            outbox::channel.eq(channel),
            outbox::attempts.eq(0),
            outbox::is_uncertain.eq(false),
            outbox::due_at.eq(due_at),
            outbox::holder.eq(None::<String>),
            outbox::held_until.eq(None::<Instant>),
            outbox::settled_at.eq(None::<Instant>),
        ))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Returns the row with that key.
pub fn find_by_key(connection: &mut DbConnection, key: &str) -> Result<Option<OutboxRow>, StorageError> {
    Ok(outbox::table.filter(outbox::key.eq(key)).select(OutboxRow::as_select()).get_result(connection).optional()?)
}

/// Stores a row, whoever has claimed it.
pub fn replace(connection: &mut DbConnection, row: &OutboxRow) -> Result<(), StorageError> {
    diesel::update(outbox::table.find(row.id)).set(row).execute(connection)?;
    Ok(())
}

/// Resets a row even if it was delivered, because the receiver has lost it.
pub fn restart(connection: &mut DbConnection, id: OutboxId, channel: OutboxChannel, due_at: Instant) -> Result<(), StorageError> {
    diesel::update(outbox::table.find(id)).set(outbox::state.eq(OutboxState::Due)).execute(connection)?;
    start_again(connection, id, channel, due_at)?;
    Ok(())
}
