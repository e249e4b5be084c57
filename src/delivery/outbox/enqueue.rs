//! Adds the outbox rows for an event, in the transaction of that event.

use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::{OutboxChannel, OutboxState, quiet_hours};
use crate::delivery::store::outbox::{self, OutboxRow};
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::ids::{AccountMessageId, OutboxId, PasswordResetId, WebhookId};
use crate::petitions::record::StepEntry;
use crate::petitions::rules::Audience;
use crate::petitions::store::PetitionRow;

/// Adds a row for the petitioner, if they are to be notified, and one for each webhook subscription that wants the
/// event.
pub fn enqueue(
    connection: &mut DbConnection,
    first_channel: Option<OutboxChannel>,
    directory: &Directory,
    petition: &PetitionRow,
    entry: &StepEntry,
) -> Result<(), StorageError> {
    let is_to_be_told = entry.notify.contains(&Audience::Petitioner) && !entry.is_told_elsewhere;
    if let Some(channel) = first_channel.filter(|_| is_to_be_told) {
        outbox::insert(connection, &for_petitioner(petition, channel, entry.at))?;
    }
    if entry.is_public {
        for subscription in directory.subscriptions() {
            if subscription.admits(entry.action, petition.agency_id, petition.category_id) {
                outbox::insert(connection, &for_webhook(petition, subscription.id, petition.version, entry.at))?;
            }
        }
    }
    Ok(())
}

fn for_petitioner(petition: &PetitionRow, channel: OutboxChannel, at: Instant) -> OutboxRow {
    let is_urgent = petition.urgency == Urgency::Urgent;
    let due_at = if is_urgent { at } else { quiet_hours::outside_of(at) };
    let key = format!("{}.{}", petition.code, petition.version);
    OutboxRow { channel, is_urgent, due_at, ..line(petition, key, petition.version, at) }
}

/// Builds a row for a webhook; a replayed event gets the same key again.
pub(in crate::delivery) fn for_webhook(petition: &PetitionRow, webhook: WebhookId, sequence: i32, at: Instant) -> OutboxRow {
    let key = format!("{}.{sequence}.{webhook}", petition.code);
    OutboxRow { webhook_id: Some(webhook), channel: OutboxChannel::Webhook, is_urgent: true, ..line(petition, key, sequence, at) }
}

fn line(petition: &PetitionRow, key: String, sequence: i32, at: Instant) -> OutboxRow {
    OutboxRow {
        id: OutboxId(0),
        key,
        petition_id: Some(petition.id),
        sequence,
        webhook_id: None,
        channel: OutboxChannel::InApp,
        state: OutboxState::Due,
        is_urgent: false,
        attempts: 0,
        is_uncertain: false,
        due_at: at,
        holder: None,
        held_until: None,
        problem: None,
        created_at: at,
        settled_at: None,
        password_reset_id: None,
        account_message_id: None,
    }
}

/// Builds the row for a password-reset link; sent at any hour.
pub(crate) fn for_password_reset(reset: PasswordResetId, channel: OutboxChannel, at: Instant) -> OutboxRow {
    OutboxRow {
        id: OutboxId(0),
        key: format!("password-reset.{reset}"),
        petition_id: None,
        sequence: 0,
        webhook_id: None,
        channel,
        state: OutboxState::Due,
        is_urgent: true,
        attempts: 0,
        is_uncertain: false,
        due_at: at,
        holder: None,
        held_until: None,
        problem: None,
        created_at: at,
        settled_at: None,
        password_reset_id: Some(reset),
        account_message_id: None,
    }
}

/// Builds the row for another message about an account; sent at any hour.
pub(crate) fn for_account_message(message: AccountMessageId, channel: OutboxChannel, at: Instant) -> OutboxRow {
    let about_nothing = for_password_reset(PasswordResetId(0), channel, at);
    OutboxRow {
        key: format!("account-message.{message}"),
        password_reset_id: None,
        account_message_id: Some(message),
        ..about_nothing
    }
}
