//! Rows of `exchange_messages`: a message has one row however often it is sent or comes in.

use crate::db::schema::exchange_messages;
use crate::db::{DbConnection, StorageError};
use crate::integrations::edoc::rules::edxml::signature::SignatureCheck;
use crate::integrations::edoc::rules::{Direction, MessageKind, MessageState};
use crate::kernel::Instant;
use crate::kernel::ids::{DocumentId, ExchangeLinkId, ExchangeMessageId, PetitionId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

/// One message; direction, link and `message_id` never change.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = exchange_messages, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExchangeMessageRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ExchangeMessageId,
    /// Which way.
    pub direction: Direction,
    /// What sort.
    pub kind: MessageKind,
    /// Over which link.
    pub link_id: ExchangeLinkId,
    /// The petition concerned.
    pub petition_id: Option<PetitionId>,
    /// The incoming document concerned.
    pub document_id: Option<DocumentId>,
    /// What tells it from all others of the same direction and link.
    pub message_id: String,
    /// What has become of it.
    pub state: MessageState,
    /// The code of a status message, as it is written.
    pub status_code: Option<String>,
    /// Of an outgoing message: the last code that came back.
    pub answered_code: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next; none when it is not.
    pub due_at: Option<Instant>,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was handed to the transport.
    pub sent_at: Option<Instant>,
    /// When something came back.
    pub acknowledged_at: Option<Instant>,
    /// Why it failed or does not fit.
    pub problem: Option<String>,
    /// What its signature is worth.
    pub signature: Option<SignatureCheck>,
    /// Hash of the bytes that were sent or came in.
    pub sha256: Option<String>,
    /// What else is known, as JSON; no petitioner's data.
    pub detail: String,
}

#[derive(QueryableByName)]
struct InsertedId {
    #[diesel(sql_type = BigInt)]
    id: ExchangeMessageId,
}

/// Enters a message under its name; none when it is there already.
pub fn claim(
    connection: &mut DbConnection,
    direction: Direction,
    link: ExchangeLinkId,
    message_id: &str,
    now: Instant,
) -> Result<Option<ExchangeMessageId>, StorageError> {
    let new: Vec<InsertedId> = diesel::sql_query(
        "INSERT INTO exchange_messages (direction, kind, link_id, message_id, state, attempts, created_at, detail) \
         VALUES ($1, 'unknown', $2, $3, 'noted', 0, $4, '{}') \
         ON CONFLICT (direction, link_id, message_id) DO NOTHING RETURNING id",
    )
    .bind::<Text, _>(direction)
    .bind::<BigInt, _>(link)
    .bind::<Text, _>(message_id)
    .bind::<Timestamp, _>(now)
    .load(connection)?;
    Ok(new.first().map(|new| new.id))
}

/// The message with that name.
pub fn named(
    connection: &mut DbConnection,
    direction: Direction,
    link: ExchangeLinkId,
    message_id: &str,
) -> Result<Option<ExchangeMessageRow>, StorageError> {
    Ok(exchange_messages::table
        .filter(exchange_messages::direction.eq(direction))
        .filter(exchange_messages::link_id.eq(link))
        .filter(exchange_messages::message_id.eq(message_id))
        .select(ExchangeMessageRow::as_select())
        .first(connection)
        .optional()?)
}

/// One message.
pub fn find(connection: &mut DbConnection, id: ExchangeMessageId) -> Result<Option<ExchangeMessageRow>, StorageError> {
    Ok(exchange_messages::table.find(id).select(ExchangeMessageRow::as_select()).first(connection).optional()?)
}

/// Replaces what may change of a message.
pub fn update(connection: &mut DbConnection, message: &ExchangeMessageRow) -> Result<(), StorageError> {
    diesel::update(exchange_messages::table.find(message.id)).set(message).execute(connection)?;
    Ok(())
}

/// The same, if the message was not tried or changed since; says whether it was still as it was read.
pub fn update_from(
    connection: &mut DbConnection,
    message: &ExchangeMessageRow,
    state: MessageState,
    attempts: i32,
) -> Result<bool, StorageError> {
    let target = exchange_messages::table
        .filter(exchange_messages::id.eq(message.id))
        .filter(exchange_messages::state.eq(state))
        .filter(exchange_messages::attempts.eq(attempts));
    Ok(diesel::update(target).set(message).execute(connection)? == 1)
}

/// Messages that are due, in their order.
pub fn due(
    connection: &mut DbConnection,
    now: Instant,
    limit: i64,
) -> Result<Vec<(ExchangeMessageId, ExchangeLinkId)>, StorageError> {
    Ok(exchange_messages::table
        .filter(exchange_messages::due_at.le(now))
        .filter(exchange_messages::state.eq(MessageState::Due))
        .order((exchange_messages::due_at, exchange_messages::id))
        .limit(limit)
        .select((exchange_messages::id, exchange_messages::link_id))
        .load(connection)?)
}

/// The outgoing message of that kind with that name, over whatever link.
pub fn sent_as(
    connection: &mut DbConnection,
    kind: MessageKind,
    message_id: &str,
) -> Result<Option<ExchangeMessageRow>, StorageError> {
    Ok(exchange_messages::table
        .filter(exchange_messages::direction.eq(Direction::Out))
        .filter(exchange_messages::kind.eq(kind))
        .filter(exchange_messages::message_id.eq(message_id))
        .order(exchange_messages::id.desc())
        .select(ExchangeMessageRow::as_select())
        .first(connection)
        .optional()?)
}

/// The messages in which a document went out.
pub fn of_document(connection: &mut DbConnection, document: DocumentId) -> Result<Vec<ExchangeMessageRow>, StorageError> {
    Ok(exchange_messages::table
        .filter(exchange_messages::document_id.eq(document))
        .filter(exchange_messages::direction.eq(Direction::Out))
        .filter(exchange_messages::kind.eq(MessageKind::Document))
        .order(exchange_messages::id)
        .select(ExchangeMessageRow::as_select())
        .load(connection)?)
}

/// Which messages to list; `None` means any.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExchangeMessageFilter {
    /// In that state.
    pub state: Option<MessageState>,
    /// In that direction.
    pub direction: Option<Direction>,
    /// Over that link.
    pub link: Option<ExchangeLinkId>,
    /// Sent before that moment.
    pub sent_before: Option<Instant>,
    /// Entered at or after that moment.
    pub since: Option<Instant>,
}

/// Some messages, newest first, before a row number.
pub fn list(
    connection: &mut DbConnection,
    filter: &ExchangeMessageFilter,
    before: Option<ExchangeMessageId>,
    limit: i64,
) -> Result<Vec<ExchangeMessageRow>, StorageError> {
    let mut query = exchange_messages::table.into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(exchange_messages::state.eq(state));
    }
    if let Some(direction) = filter.direction {
        query = query.filter(exchange_messages::direction.eq(direction));
    }
    if let Some(link) = filter.link {
        query = query.filter(exchange_messages::link_id.eq(link));
    }
    if let Some(moment) = filter.sent_before {
        query = query.filter(exchange_messages::sent_at.le(moment));
    }
    if let Some(moment) = filter.since {
        query = query.filter(exchange_messages::created_at.ge(moment));
    }
    if let Some(before) = before {
        query = query.filter(exchange_messages::id.lt(before));
    }
    Ok(query.order(exchange_messages::id.desc()).limit(limit).select(ExchangeMessageRow::as_select()).load(connection)?)
}

/// How many messages each link has in each state since a moment.
pub fn count_by_state(
    connection: &mut DbConnection,
    since: Instant,
) -> Result<Vec<(ExchangeLinkId, Direction, MessageState, i64)>, StorageError> {
    Ok(exchange_messages::table
        .filter(exchange_messages::created_at.ge(since))
        .group_by((exchange_messages::link_id, exchange_messages::direction, exchange_messages::state))
        .order((exchange_messages::link_id, exchange_messages::direction, exchange_messages::state))
        .select((exchange_messages::link_id, exchange_messages::direction, exchange_messages::state, diesel::dsl::count_star()))
        .load(connection)?)
}
