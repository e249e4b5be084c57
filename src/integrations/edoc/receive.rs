//! One receive round: fetches waiting messages from every link address and stores each with its effect.
//!
//! A message is stored and applied to its document in one transaction; only then is the carrier told that it is done.
//! After a crash in between it is read again and recognised as known. An unreadable message is stored as such, set
//! aside and never retried.

use super::carrier::{Carrier, CarrierError, CarrierOutcome, IncomingItem, carrier};
use super::incoming::{detail, distrust, limits, link_of, name_of};
use super::reply;
use super::status;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::integrations::edoc::rules::edxml::message::{EdxmlMessage, ReceivedMessage};
use crate::integrations::edoc::rules::edxml::{self, EdxmlProblem};
use crate::integrations::edoc::rules::{Direction, MessageKind, MessageState, Transport};
use crate::integrations::edoc::store::{ExchangeLinkRow, ExchangeMessageRow, links, messages};
use crate::kernel::ids::{DocumentId, ExchangeMessageId, PetitionId};
use crate::kernel::text;
use chrono::Days;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long after its end a link is still polled for answers.
const AFTER_END: Days = Days::new(60);

/// Result of a receive round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReceiveOutcome {
    /// Newly stored messages.
    pub stored: usize,
    /// Messages that were already known.
    pub known: usize,
    /// Unreadable messages.
    pub unreadable: usize,
    /// Addresses that could not be polled and messages that could not be stored.
    pub failed: usize,
}

/// What a message changed.
pub(super) struct MessageEffect {
    pub state: MessageState,
    pub problem: Option<&'static str>,
    pub petition: Option<PetitionId>,
    pub document: Option<DocumentId>,
}

impl MessageEffect {
    pub const fn unfitting(problem: &'static str) -> Self {
        Self { state: MessageState::Unfitting, problem: Some(problem), petition: None, document: None }
    }
}

/// Stores every waiting message; stops early, between two messages, when the process is shutting down.
pub async fn receive(app: &App, is_stopping: &(dyn Fn() -> bool + Send + Sync)) -> Result<ReceiveOutcome, ServiceError> {
    let today = app.now().local_date();
    let mut addresses: BTreeMap<(Transport, String), Vec<ExchangeLinkRow>> = BTreeMap::new();
    for link in app.db.read(links::all).await? {
        let last = link.active_until.map(|last| last.checked_add_days(AFTER_END).unwrap_or(last));
        if last.is_none_or(|last| today <= last) && link.active_from <= today {
            addresses.entry((link.transport, link.address.clone())).or_default().push(link);
        }
    }
    let mut taken = ReceiveOutcome::default();
    for ((transport, address), links) in addresses {
        let Ok(carrier) = carrier(app, transport, &address) else {
            tracing::warn!(
                link = links.first().map(|link| link.id.0),
                "document exchange link address not allowed by configuration"
            );
            taken.failed += 1;
            continue;
        };
        if let Err(error) = drain(app, carrier.as_ref(), &Arc::new(links), &mut taken, is_stopping).await? {
            tracing::warn!(%error, "document exchange endpoint unavailable");
            taken.failed += 1;
        }
        if is_stopping() {
            break;
        }
    }
    Ok(taken)
}

async fn drain(
    app: &App,
    carrier: &dyn Carrier,
    links: &Arc<Vec<ExchangeLinkRow>>,
    taken: &mut ReceiveOutcome,
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Result<(), CarrierError>, ServiceError> {
    let arrived = match carrier.arrived().await {
        Ok(arrived) => arrived,
        Err(error) => return Ok(Err(error)),
    };
    for message in arrived {
        if is_stopping() {
            break;
        }
        let bytes = match carrier.take(&message).await {
            Ok(bytes) => bytes,
            Err(CarrierError::Refused(why)) => {
                tracing::warn!(why, "cannot fetch document exchange message");
                taken.failed += 1;
                continue;
            }
            Err(error) => return Ok(Err(error)),
        };
        let Some(ending) = keep(app, links, &message, bytes, taken).await? else { continue };
        if let Err(error) = carrier.finish(&message, ending).await {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// Stores a message; `None` when it must be read again later because it may be incomplete.
async fn keep(
    app: &App,
    links: &Arc<Vec<ExchangeLinkRow>>,
    arrived: &IncomingItem,
    bytes: Vec<u8>,
    taken: &mut ReceiveOutcome,
) -> Result<Option<CarrierOutcome>, ServiceError> {
    let sha256 = HEXLOWER.encode(&Sha256::digest(&bytes));
    let (limits, keys) = (limits(&app.config), Arc::clone(&app.signature_keys));
    let is_empty = bytes.is_empty();
    let read = tokio::task::spawn_blocking(move || edxml::read(&bytes, limits, &keys)).await;
    let read = read.map_err(|_| ServiceError::Internal("the reader of messages panicked"))?;
    if arrived.may_grow && (is_empty || matches!(read, Err(EdxmlProblem::CutOff | EdxmlProblem::NotXml(_)))) {
        return Ok(None);
    }
    let now = app.now();
    let (app_, links_, read_) = (app.clone(), Arc::clone(links), Arc::new(read));
    let for_closure = Arc::clone(&read_);
    let stored = app
        .db
        .write(move |connection| match &*for_closure {
            Ok(received) => store(&app_, connection, &links_, received, &sha256, now),
            Err(problem) => store_unreadable(connection, &links_, problem, &sha256, now),
        })
        .await;
    match stored {
        Ok(is_new) if is_new && read_.is_ok() => taken.stored += 1,
        Ok(is_new) if is_new => taken.unreadable += 1,
        Ok(_) => taken.known += 1,
        Err(ServiceError::Storage(error)) if error.is_busy() || error.is_away() => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "cannot store document exchange message");
            taken.failed += 1;
            return Ok(None);
        }
    }
    Ok(Some(if read_.is_ok() { CarrierOutcome::Done } else { CarrierOutcome::Failed }))
}

fn store(
    app: &App,
    connection: &mut DbConnection,
    links: &[ExchangeLinkRow],
    received: &ReceivedMessage,
    sha256: &str,
    now: crate::kernel::Instant,
) -> Result<bool, ServiceError> {
    let (link, is_own) = link_of(links, &received.message).ok_or(StorageError::Missing)?;
    let distrust = distrust(is_own, received.signature);
    let mut name = name_of(received, sha256);
    if distrust.is_some() {
        // An untrusted message must not take the name of the genuine one.
        name = format!("{name}#{sha256}");
    }
    let id = match messages::claim(connection, Direction::In, link.id, &name, now)? {
        Some(id) => id,
        None => match again(connection, link, &name)? {
            Some(id) => id,
            None => return Ok(false),
        },
    };
    let (kind, code, effect) = match &received.message {
        EdxmlMessage::Status(said) => {
            let effect = status::apply(app, connection, link, said, distrust, now)?;
            (MessageKind::Status, Some(super::incoming::cut(&said.code).chars().take(20).collect()), effect)
        }
        EdxmlMessage::Document(letter) => {
            (MessageKind::Document, None, reply::apply(app, connection, link, letter, distrust, now)?)
        }
    };
    let detail = detail(received).to_string();
    let row = ExchangeMessageRow {
        id,
        direction: Direction::In,
        kind,
        link_id: link.id,
        petition_id: effect.petition,
        document_id: effect.document,
        message_id: name,
        state: effect.state,
        status_code: code,
        answered_code: None,
        attempts: 1,
        due_at: None,
        created_at: now,
        sent_at: None,
        acknowledged_at: None,
        problem: effect.problem.map(str::to_owned),
        signature: Some(received.signature),
        sha256: Some(sha256.to_owned()),
        detail,
    };
    messages::update(connection, &row)?;
    Ok(true)
}

/// A document that could not be applied may be sent again, e.g. after a leader returned the previous one.
fn again(connection: &mut DbConnection, link: &ExchangeLinkRow, name: &str) -> Result<Option<ExchangeMessageId>, ServiceError> {
    let known = messages::named(connection, Direction::In, link.id, name)?;
    let may_fit = |row: &ExchangeMessageRow| row.kind == MessageKind::Document && row.state == MessageState::Unfitting;
    Ok(known.filter(may_fit).map(|row| row.id))
}

fn store_unreadable(
    connection: &mut DbConnection,
    links: &[ExchangeLinkRow],
    problem: &EdxmlProblem,
    sha256: &str,
    now: crate::kernel::Instant,
) -> Result<bool, ServiceError> {
    let link = links.first().ok_or(StorageError::Missing)?;
    let Some(id) = messages::claim(connection, Direction::In, link.id, sha256, now)? else { return Ok(false) };
    let Some(mut row) = messages::find(connection, id)? else { return Ok(false) };
    row.state = MessageState::Unreadable;
    row.problem = Some(problem.to_string());
    row.sha256 = Some(sha256.to_owned());
    row.attempts = 1;
    messages::update(connection, &row)?;
    Ok(true)
}

/// Cleans and truncates an external text; `None` when it is empty or consists of control characters.
pub(super) fn words(text: Option<&str>, most: usize) -> Option<String> {
    text::clean(&shortened(text?, most), 1, most).ok()
}

/// Truncates a text and marks it as truncated.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
