//! What leaves the house: lines written with the event, claimed by one instance at a time, and the evidence of each attempt.

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

/// One line of the outbox: one receiver is to learn of one entry of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = outbox, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OutboxRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: OutboxId,
    /// The same at each attempt, so that the other side knows a repeated delivery.
    pub key: String,
    /// Whose timeline; none for what is about an account.
    pub petition_id: Option<PetitionId>,
    /// Which entry.
    pub sequence: i32,
    /// To which other system; none for the petitioner.
    pub webhook_id: Option<WebhookId>,
    /// The channel whose turn it is, or that it took in the end.
    pub channel: OutboxChannel,
    /// Where it stands.
    pub state: OutboxState,
    /// Whether it may go out at night.
    pub is_urgent: bool,
    /// Attempts on this channel.
    pub attempts: i32,
    /// Whether an attempt on this channel may have arrived.
    pub is_uncertain: bool,
    /// When its turn comes.
    pub due_at: Instant,
    /// Which instance has it in hand.
    pub holder: Option<String>,
    /// Until when.
    pub held_until: Option<Instant>,
    /// Why the last attempt failed, without personal data.
    pub problem: Option<String>,
    /// When the event happened.
    pub created_at: Instant,
    /// When it was delivered or given up.
    pub settled_at: Option<Instant>,
    /// The link that it brings, where it is about a forgotten password.
    pub password_reset_id: Option<PasswordResetId>,
    /// The message that it brings, where it is about an account otherwise.
    pub account_message_id: Option<AccountMessageId>,
}

/// Adds a line; a key that is there already is refused.
pub fn insert(connection: &mut DbConnection, row: &OutboxRow) -> Result<(), StorageError> {
    let statement = diesel::insert_into(outbox::table).values(row);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// One line.
///
/// # Errors
/// `Missing` when there is none.
pub fn find(connection: &mut DbConnection, id: OutboxId) -> Result<OutboxRow, StorageError> {
    Ok(outbox::table.find(id).select(OutboxRow::as_select()).get_result(connection)?)
}

/// Puts a line back to its beginning: due now, as if it had never been tried. Whatever is delivered stays delivered.
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

/// The line with that key.
pub fn find_by_key(connection: &mut DbConnection, key: &str) -> Result<Option<OutboxRow>, StorageError> {
    Ok(outbox::table.filter(outbox::key.eq(key)).select(OutboxRow::as_select()).get_result(connection).optional()?)
}

/// Stores a line as it now stands, whoever has it in hand.
pub fn replace(connection: &mut DbConnection, row: &OutboxRow) -> Result<(), StorageError> {
    diesel::update(outbox::table.find(row.id)).set(row).execute(connection)?;
    Ok(())
}

/// Puts a line back to its beginning even when it was delivered: the other side has lost it.
pub fn restart(connection: &mut DbConnection, id: OutboxId, channel: OutboxChannel, due_at: Instant) -> Result<(), StorageError> {
    diesel::update(outbox::table.find(id)).set(outbox::state.eq(OutboxState::Due)).execute(connection)?;
    start_again(connection, id, channel, due_at)?;
    Ok(())
}
