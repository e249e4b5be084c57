//! The table `exchange_messages`: one row per message, however often it is sent or received.

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
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ExchangeMessageId,
    pub direction: Direction,
    pub kind: MessageKind,
    pub link_id: ExchangeLinkId,
    pub petition_id: Option<PetitionId>,
    /// The incoming document it is about.
    pub document_id: Option<DocumentId>,
    /// Unique within direction and link.
    pub message_id: String,
    pub state: MessageState,
    /// Code of a status message, as written.
    pub status_code: Option<String>,
    /// For outgoing messages: the last code received in response.
    pub answered_code: Option<String>,
    pub attempts: i32,
    /// Time of the next attempt; `None` when there is none.
    pub due_at: Option<Instant>,
    pub created_at: Instant,
    pub sent_at: Option<Instant>,
    pub acknowledged_at: Option<Instant>,
    /// Why it failed or could not be applied.
    pub problem: Option<String>,
    /// Result of the signature check.
    pub signature: Option<SignatureCheck>,
    /// Hash of the bytes sent or received.
    pub sha256: Option<String>,
    /// Other metadata as JSON, without personal data.
    pub detail: String,
}

#[derive(QueryableByName)]
struct InsertedId {
    #[diesel(sql_type = BigInt)]
    id: ExchangeMessageId,
}

/// Inserts a message under its name; `None` when it already exists.
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

/// Returns the message with that name.
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

/// Returns one message.
pub fn find(connection: &mut DbConnection, id: ExchangeMessageId) -> Result<Option<ExchangeMessageRow>, StorageError> {
    Ok(exchange_messages::table.find(id).select(ExchangeMessageRow::as_select()).first(connection).optional()?)
}

/// Updates the mutable columns of a message.
pub fn update(connection: &mut DbConnection, message: &ExchangeMessageRow) -> Result<(), StorageError> {
    diesel::update(exchange_messages::table.find(message.id)).set(message).execute(connection)?;
    Ok(())
}

/// Updates a message unless it was tried or changed since it was read; returns whether it was updated.
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

/// Returns due messages in order.
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

/// Returns the outgoing message of that kind and name, over any link.
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

/// Returns the messages that carried a document.
pub fn of_document(connection: &mut DbConnection, document: DocumentId) -> Result<Vec<ExchangeMessageRow>, StorageError> {
    Ok(exchange_messages::table
        .filter(exchange_messages::document_id.eq(document))
        .filter(exchange_messages::direction.eq(Direction::Out))
        .filter(exchange_messages::kind.eq(MessageKind::Document))
        .order(exchange_messages::id)
        .select(ExchangeMessageRow::as_select())
        .load(connection)?)
}

/// Filter of the list; `None` means any.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExchangeMessageFilter {
    pub state: Option<MessageState>,
    pub direction: Option<Direction>,
    pub link: Option<ExchangeLinkId>,
    /// Sent before this time.
    pub sent_before: Option<Instant>,
    /// Created at or after this time.
    pub since: Option<Instant>,
}

/// Returns messages, newest first, with ids below the cursor.
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

/// Returns the number of messages since a time, by link and state.
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
