//! Exchange messages for administrators: lists, resending, and sent messages without an acknowledgement.
//!
//! Rule: nothing here reveals the content of a petition or its petitioner; messages are identified by petition code.

use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::edoc::rules::edxml::signature::SignatureCheck;
use crate::integrations::edoc::rules::{Direction, MessageKind, MessageState};
use crate::integrations::edoc::store::{ExchangeMessageRow, links, messages};
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{ExchangeLinkId, ExchangeMessageId};
use crate::kernel::paging::KeysetPage;
use crate::petitions::store as petitions;
use chrono::Duration;
use serde::Serialize;
use utoipa::ToSchema;

pub use crate::integrations::edoc::store::messages::ExchangeMessageFilter;

/// One message of the document exchange.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExchangeMessageRecord {
    /// Row number, for the paths of this API.
    pub id: ExchangeMessageId,
    /// Which way.
    pub direction: Direction,
    /// What sort.
    pub kind: MessageKind,
    /// Over which link.
    pub link: ExchangeLinkId,
    /// Code of the petition concerned.
    #[schema(required)]
    pub petition: Option<String>,
    /// The incoming document concerned.
    #[schema(required)]
    pub document: Option<i64>,
    /// What tells it from all others.
    pub message_id: String,
    /// What has become of it.
    pub state: MessageState,
    /// The code of a status message.
    #[schema(required)]
    pub status_code: Option<String>,
    /// Of an outgoing message: the last code that came back.
    #[schema(required)]
    pub answered_code: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next.
    #[schema(required)]
    pub due_at: Option<Instant>,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was handed over.
    #[schema(required)]
    pub sent_at: Option<Instant>,
    /// When something came back.
    #[schema(required)]
    pub acknowledged_at: Option<Instant>,
    /// Why it failed or does not fit.
    #[schema(required)]
    pub problem: Option<String>,
    /// What its signature is worth.
    #[schema(required)]
    pub signature: Option<SignatureCheck>,
    /// SHA-256 of the bytes.
    #[schema(required)]
    pub sha256: Option<String>,
    /// What else is known of a message that came in: organ, code, text, attachments.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// Number of messages of a link in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageCount {
    pub link: ExchangeLinkId,
    /// Organ identifier of the link.
    pub organ_id: String,
    pub direction: Direction,
    pub state: MessageState,
    pub count: i64,
}

fn record(connection: &mut DbConnection, row: ExchangeMessageRow) -> Result<ExchangeMessageRecord, ServiceError> {
    let petition = match row.petition_id {
        Some(id) => petitions::state::find(connection, id)?.map(|petition| petition.code),
        None => None,
    };
    Ok(ExchangeMessageRecord {
        petition,
        id: row.id,
        direction: row.direction,
        kind: row.kind,
        link: row.link_id,
        document: row.document_id.map(|id| id.0),
        message_id: row.message_id,
        state: row.state,
        status_code: row.status_code,
        answered_code: row.answered_code,
        attempts: row.attempts,
        due_at: row.due_at,
        created_at: row.created_at,
        sent_at: row.sent_at,
        acknowledged_at: row.acknowledged_at,
        problem: row.problem,
        signature: row.signature,
        sha256: row.sha256,
        detail: serde_json::from_str(&row.detail).unwrap_or_default(),
    })
}

/// Returns one page of messages, newest first.
pub async fn list(
    app: &App,
    filter: ExchangeMessageFilter,
    before: Option<ExchangeMessageId>,
    limit: i64,
) -> Result<KeysetPage<ExchangeMessageRecord, ExchangeMessageId>, ServiceError> {
    app.db
        .read(move |connection| {
            let mut rows = messages::list(connection, &filter, before, limit + 1)?;
            let limit = usize::try_from(limit).unwrap_or_default();
            let is_more = rows.len() > limit;
            rows.truncate(limit);
            let next = rows.last().filter(|_| is_more).map(|row| row.id);
            let items = rows.into_iter().map(|row| record(connection, row)).collect::<Result<_, _>>()?;
            Ok(KeysetPage { items, next })
        })
        .await
}

/// Returns the filter for messages sent at least `older_than` ago and not acknowledged.
#[must_use]
pub fn unacknowledged(now: Instant, older_than: Duration) -> ExchangeMessageFilter {
    ExchangeMessageFilter {
        state: Some(MessageState::Sent),
        direction: Some(Direction::Out),
        sent_before: Some(now.plus(-older_than)),
        ..ExchangeMessageFilter::default()
    }
}

/// Queues an outgoing message again, starting with the first attempt.
///
/// # Errors
/// [`ErrorCode::ExchangeMessageNotFound`]; [`ErrorCode::WrongState`] for an incoming message and for one that must
/// not be sent any more.
pub async fn resend(app: &App, by: &AuditActor, id: ExchangeMessageId) -> Result<ExchangeMessageRecord, ServiceError> {
    let now = app.now();
    audit::transaction(app, by, move |connection| {
        let mut row = messages::find(connection, id)?.ok_or(ErrorCode::ExchangeMessageNotFound)?;
        if row.direction == Direction::In || row.state == MessageState::Cancelled {
            return Err(ServiceError::from(ErrorCode::WrongState));
        }
        let event = AuditEvent::new("resend_exchange_message", "exchange_message", id).with("state", row.state.as_str());
        row.state = MessageState::Due;
        row.attempts = 0;
        row.due_at = Some(now);
        row.problem = None;
        messages::update(connection, &row)?;
        Ok((record(connection, row)?, event))
    })
    .await
}

/// Returns the number of messages of the last days by link and state.
pub async fn counts(app: &App, days: u32) -> Result<Vec<MessageCount>, ServiceError> {
    let since = app.now().plus(-Duration::days(i64::from(days)));
    app.db
        .read(move |connection| {
            let links = links::all(connection)?;
            let organ = |id| links.iter().find(|link| link.id == id).map(|link| link.organ_id.clone()).unwrap_or_default();
            let rows = messages::count_by_state(connection, since)?;
            let count = |(link, direction, state, count)| MessageCount { link, organ_id: organ(link), direction, state, count };
            Ok(rows.into_iter().map(count).collect())
        })
        .await
}
