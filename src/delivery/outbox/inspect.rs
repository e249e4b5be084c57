//! The outbox for administrators: pending and dead rows, the delivery attempts of each row, and resending.

use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::{AttemptOutcome, OutboxChannel, OutboxState, quiet_hours};
use crate::delivery::store::outbox::{self, AttemptRow, OutboxFilter, OutboxRow};
use crate::delivery::store::webhooks;
use crate::delivery::webhooks::going_on;
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{OutboxId, WebhookId};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::store::state;
use serde::Serialize;
use utoipa::ToSchema;

/// Filter of the list, with the petition given by its code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxQuery {
    pub state: Option<OutboxState>,
    pub channel: Option<OutboxChannel>,
    /// For this webhook subscription.
    pub webhook: Option<WebhookId>,
    /// Petition code.
    pub petition: Option<String>,
}

/// One line of the outbox; no address and no text, which administrators may not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutboxLine {
    /// Row number, for the paths of this API.
    pub id: OutboxId,
    /// What the other side knows a repeated delivery by.
    pub key: String,
    /// The code of the petition; none for what is about an account.
    #[schema(required)]
    pub petition: Option<String>,
    /// Which entry of its timeline.
    pub sequence: i32,
    /// To which other system; none for the petitioner.
    #[schema(required)]
    pub webhook: Option<WebhookId>,
    /// The channel whose turn it is, or that took it.
    pub channel: OutboxChannel,
    /// Where it stands.
    pub state: OutboxState,
    /// Attempts on this channel.
    pub attempts: i32,
    /// When its turn comes.
    pub due_at: Instant,
    /// Why the last attempt failed.
    #[schema(required)]
    pub problem: Option<String>,
    /// When the event happened.
    pub created_at: Instant,
    /// When it was delivered or given up.
    #[schema(required)]
    pub settled_at: Option<Instant>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttemptRecord {
    /// By which channel.
    pub channel: OutboxChannel,
    /// When.
    pub attempted_at: Instant,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Why it failed.
    #[schema(required)]
    pub problem: Option<String>,
    /// What the other side calls the message.
    #[schema(required)]
    pub reference: Option<String>,
}

/// One line with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutboxDetail {
    /// The line.
    #[serde(flatten)]
    pub line: OutboxLine,
    /// Its attempts, in order.
    pub tried: Vec<AttemptRecord>,
}

impl OutboxLine {
    fn of(row: OutboxRow, petition: Option<String>) -> Self {
        Self {
            id: row.id,
            key: row.key,
            petition,
            sequence: row.sequence,
            webhook: row.webhook_id,
            channel: row.channel,
            state: row.state,
            attempts: row.attempts,
            due_at: row.due_at,
            problem: row.problem,
            created_at: row.created_at,
            settled_at: row.settled_at,
        }
    }
}

impl From<AttemptRow> for AttemptRecord {
    fn from(row: AttemptRow) -> Self {
        let AttemptRow { channel, attempted_at, outcome, problem, reference, .. } = row;
        Self { channel, attempted_at, outcome, problem, reference }
    }
}

/// Returns a page of rows, newest first, and the cursor of the next page.
///
/// # Errors
/// `UnknownCode` on `petition`.
pub async fn list(
    app: &App,
    question: OutboxQuery,
    before: Option<OutboxId>,
    limit: i64,
) -> Result<(Vec<OutboxLine>, Option<OutboxId>), ServiceError> {
    app.db
        .read(move |connection| {
            let petition = match &question.petition {
                None => None,
                Some(code) => Some(petition_of(connection, code)?),
            };
            let OutboxQuery { state, channel, webhook, .. } = question;
            let filter = OutboxFilter { state, channel, webhook, petition };
            let mut rows = outbox::list(connection, &filter, before, limit + 1)?;
            let is_more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
            rows.truncate(usize::try_from(limit).unwrap_or(0));
            let next = rows.last().filter(|_| is_more).map(|(row, _)| row.id);
            Ok((rows.into_iter().map(|(row, code)| OutboxLine::of(row, code)).collect(), next))
        })
        .await
}

fn petition_of(connection: &mut DbConnection, code: &str) -> Result<crate::kernel::ids::PetitionId, ServiceError> {
    let unknown = || ServiceError::invalid("petition", FieldRule::UnknownCode);
    let code: PetitionCode = code.parse().map_err(|_| unknown())?;
    Ok(state::find_by_code(connection, code.as_str())?.ok_or_else(unknown)?.id)
}

/// Returns one row with its delivery attempts.
///
/// # Errors
/// [`ErrorCode::OutboxLineNotFound`].
pub async fn read(app: &App, id: OutboxId) -> Result<OutboxDetail, ServiceError> {
    app.db.read(move |connection| detail(connection, id)).await
}

fn detail(connection: &mut DbConnection, id: OutboxId) -> Result<OutboxDetail, ServiceError> {
    let row = find(connection, id)?;
    let petition = match row.petition_id {
        Some(id) => state::find(connection, id)?.map(|petition| petition.code),
        None => None,
    };
    let tried = outbox::attempts_of(connection, id)?.into_iter().map(AttemptRecord::from).collect();
    Ok(OutboxDetail { line: OutboxLine::of(row, petition), tried })
}

fn find(connection: &mut DbConnection, id: OutboxId) -> Result<OutboxRow, ServiceError> {
    match outbox::find(connection, id) {
        Err(StorageError::Missing) => Err(ErrorCode::OutboxLineNotFound.into()),
        found => Ok(found?),
    }
}

/// Resends a row, starting with its first channel; delivered rows are refused. If the receiver is a webhook on hold
/// after a timeout, all its rows are retried.
///
/// # Errors
/// [`ErrorCode::OutboxLineNotFound`], [`ErrorCode::AlreadyDelivered`], [`ErrorCode::WebhookEnded`].
pub async fn resend(app: &App, by: &AuditActor, id: OutboxId) -> Result<OutboxDetail, ServiceError> {
    let (now, first) = (app.now(), app.channels.first_for_people());
    audit::transaction(app, by, move |connection| {
        let row = find(connection, id)?;
        if let Some(webhook) = row.webhook_id {
            going_on(&webhooks::find(connection, webhook)?.ok_or(StorageError::Missing)?)?;
        }
        let is_bound = row.webhook_id.is_some() || row.account_message_id.is_some();
        let channel = if is_bound { row.channel } else { first.unwrap_or(row.channel) };
        let due_at = if row.is_urgent { now } else { quiet_hours::outside_of(now) };
        if !outbox::start_again(connection, id, channel, due_at)? {
            return Err(ServiceError::from(ErrorCode::AlreadyDelivered));
        }
        if let Some(webhook) = row.webhook_id {
            outbox::wake(connection, webhook, now)?;
        }
        let event = AuditEvent::new("resend_outbox_line", "outbox_line", id).with("channel", channel.as_str());
        Ok((detail(connection, id)?, event))
    })
    .await
}

/// Row counts for one class of receivers (people or webhooks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxBacklog {
    /// Rows that are due.
    pub due: i64,
    /// Rows that are due later.
    pub put_off: i64,
    /// Rows that were given up.
    pub dead: i64,
    /// Age in seconds of the oldest due row.
    pub oldest_due_seconds: i64,
}

/// Returns the backlog of people and of webhooks, in this order.
pub async fn waiting(app: &App) -> Result<[OutboxBacklog; 2], ServiceError> {
    let now = app.now();
    app.db
        .read(move |connection| {
            let mut of = |is_for_people| {
                let found = outbox::waiting(connection, is_for_people, now)?;
                let oldest_due_seconds = found.oldest_due.map_or(0, |since| (now.utc() - since.utc()).num_seconds());
                let outbox::OutboxBacklogRow { due, put_off, dead, .. } = found;
                Ok::<_, ServiceError>(OutboxBacklog { due, put_off, dead, oldest_due_seconds })
            };
            Ok([of(true)?, of(false)?])
        })
        .await
}
