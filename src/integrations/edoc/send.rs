//! One send round: tries every due message once, one at a time, with increasing delays after failures.
//!
//! An attempt is recorded before it is made, together with the time of the next one, so a crash delays a message but
//! never loses it. The receiver may get a message twice; its identifier stays the same.

use super::carrier::{Carrier, CarrierError, ExchangeEnvelope, carrier};
use super::compose::{self, ComposedMessage};
use super::dispatch;
use super::files::{self, EnclosedFile};
use crate::app::App;
use crate::db::StorageError;
use crate::db::service_error::ServiceError;
use crate::integrations::edoc::rules::edxml::message::EdxmlMessage;
use crate::integrations::edoc::rules::{MessageKind, MessageState, Transport};
use crate::integrations::edoc::store::{ExchangeLinkRow, ExchangeMessageRow, links, messages};
use crate::kernel::Instant;
use crate::kernel::ids::{ExchangeLinkId, ExchangeMessageId};
use chrono::Duration;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Messages loaded at a time.
const BATCH: i64 = 100;
/// Attempts after which a message waits for an administrator: about two days.
const MOST_ATTEMPTS: i32 = 20;
/// Maximum delay between two attempts, in minutes.
const LONGEST_PAUSE: i64 = 240;

/// Delay before retrying a message whose attachments are still being scanned.
const LOOK_AGAIN: Duration = Duration::minutes(1);

/// A message whose attempt is recorded, without the bytes of its attachments.
type PreparedMessage = (ExchangeMessageRow, Box<EdxmlMessage>, Vec<EnclosedFile>);

/// Result of a send round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SendOutcome {
    pub sent: usize,
    pub failed: usize,
}

/// Sends due messages; stops early, between two messages, when the process is shutting down.
pub async fn send_due(app: &App, is_stopping: &(dyn Fn() -> bool + Send + Sync)) -> Result<SendOutcome, ServiceError> {
    let mut done = SendOutcome::default();
    let now = app.now();
    let known = app.db.read(links::all).await?;
    let known: HashMap<ExchangeLinkId, ExchangeLinkRow> = known.into_iter().map(|link| (link.id, link)).collect();
    let mut away: HashSet<(Transport, String)> = HashSet::new();
    let mut tried: HashSet<ExchangeMessageId> = HashSet::new();
    loop {
        let limit = BATCH + i64::try_from(tried.len()).unwrap_or(i64::MAX - BATCH);
        let mut due = app.db.read(move |connection| messages::due(connection, now, limit)).await?;
        due.retain(|(id, _)| !tried.contains(id));
        if due.is_empty() {
            return Ok(done);
        }
        for (id, link) in due {
            if is_stopping() {
                return Ok(done);
            }
            tried.insert(id);
            let Some(link) = known.get(&link) else { continue };
            // After one unanswered call, the other messages to that address wait for the next round.
            let address = (link.transport, link.address.clone());
            if away.contains(&address) {
                continue;
            }
            match try_one(app, link, id).await? {
                None => {}
                Some(Ok(())) => done.sent += 1,
                Some(Err(error)) => {
                    done.failed += 1;
                    if matches!(error, CarrierError::Unavailable(_)) {
                        away.insert(address);
                    }
                }
            }
        }
    }
}

/// Returns `None` when there was nothing to send.
async fn try_one(
    app: &App,
    link: &ExchangeLinkRow,
    id: ExchangeMessageId,
) -> Result<Option<Result<(), CarrierError>>, ServiceError> {
    let now = app.now();
    let (for_closure, of_link) = (app.clone(), link.clone());
    let prepared = app.db.write(move |connection| prepare(&for_closure, connection, &of_link, id, now)).await?;
    let Some((row, message, enclosed)) = prepared else { return Ok(None) };
    let (sent, hash) = match wrapped(app, link, &row, *message, &enclosed).await {
        Ok((carrier, envelope)) => (carrier.send(&envelope).await, Some(HEXLOWER.encode(&Sha256::digest(&envelope.bytes)))),
        Err(error) => (Err(error), None),
    };
    if let Err(error) = &sent {
        tracing::warn!(message = id.0, link = link.id.0, %error, "cannot send document exchange message");
    }
    let result = sent.clone();
    app.db.write(move |connection| note(connection, &row, &result, hash.as_deref(), now)).await?;
    Ok(Some(sent))
}

/// Returns the serialised message with its attachments, and its carrier.
async fn wrapped(
    app: &App,
    link: &ExchangeLinkRow,
    row: &ExchangeMessageRow,
    message: EdxmlMessage,
    enclosed: &[EnclosedFile],
) -> Result<(Box<dyn Carrier>, ExchangeEnvelope), CarrierError> {
    let carrier = carrier(app, link.transport, &link.address)?;
    let fetched = files::fetch(app, enclosed).await?;
    let lost = |_| CarrierError::Files("the writer of messages panicked".to_owned());
    let text = tokio::task::spawn_blocking(move || compose::write(message, fetched)).await.map_err(lost)?;
    let kind = if row.kind == MessageKind::Status { "status" } else { "edoc" };
    let name = format!("{kind}-{:08}.edxml", row.id.0);
    Ok((carrier, ExchangeEnvelope { name, kind: row.kind, from: link.sender_organ_id.clone(), bytes: text.into_bytes() }))
}

fn prepare(
    app: &App,
    connection: &mut crate::db::DbConnection,
    link: &ExchangeLinkRow,
    id: ExchangeMessageId,
    now: Instant,
) -> Result<Option<PreparedMessage>, ServiceError> {
    let Some(before) = messages::find(connection, id)? else { return Ok(None) };
    if before.state != MessageState::Due || before.due_at.is_none_or(|due| due > now) {
        return Ok(None);
    }
    let composed = compose::compose(app, connection, link, &before, now)?;
    let mut row = before.clone();
    match &composed {
        ComposedMessage::Nothing => {
            row.state = MessageState::Cancelled;
            row.due_at = None;
        }
        ComposedMessage::NotYet => row.due_at = Some(now.plus(LOOK_AGAIN)),
        ComposedMessage::Ready(..) => {
            row.attempts += 1;
            row.due_at = Some(now.plus(pause(row.attempts)));
        }
    }
    if !messages::update_from(connection, &row, before.state, before.attempts)? {
        return Err(StorageError::Contention.into());
    }
    Ok(match composed {
        ComposedMessage::Ready(message, enclosed) => Some((row, message, enclosed)),
        ComposedMessage::Nothing | ComposedMessage::NotYet => None,
    })
}

/// One minute, two, four …
fn pause(attempts: i32) -> Duration {
    let doubled = u32::try_from(attempts.saturating_sub(1)).ok().and_then(|shift| 1_i64.checked_shl(shift.min(20)));
    Duration::minutes(doubled.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE))
}

fn note(
    connection: &mut crate::db::DbConnection,
    tried: &ExchangeMessageRow,
    sent: &Result<(), CarrierError>,
    hash: Option<&str>,
    now: Instant,
) -> Result<(), ServiceError> {
    let Some(mut row) = messages::find(connection, tried.id)? else { return Ok(()) };
    row.sha256 = hash.map(str::to_owned).or(row.sha256);
    match (sent, row.state) {
        // The acknowledgement arrived before this update.
        (Ok(()), MessageState::Acknowledged) => row.sent_at = Some(now),
        (Ok(()), state) => {
            row.state = MessageState::Sent;
            row.sent_at = Some(now);
            row.due_at = None;
            row.problem = None;
            if state == MessageState::Cancelled && row.kind == MessageKind::Document && !dispatch::is_update(&row) {
                // The document left the agency during transmission.
                dispatch::recall(connection, &row, now)?;
            }
        }
        (Err(error), MessageState::Due) => {
            row.problem = Some(error.to_string());
            if row.attempts >= MOST_ATTEMPTS || matches!(error, CarrierError::Refused(_)) {
                row.state = MessageState::Failed;
                row.due_at = None;
            }
        }
        (Err(error), _) => row.problem = Some(error.to_string()),
    }
    Ok(messages::update(connection, &row)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_four_hours() {
        let minutes = |attempts| pause(attempts).num_minutes();
        assert_eq!([1, 2, 3, 8, 9, 40, 0, i32::MAX].map(minutes), [1, 2, 4, 128, 240, 240, 240, 240]);
    }
}
