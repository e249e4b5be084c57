//! Queues exchange messages for a step of a petition, in the transaction of that step.
//!
//! Rule: the first statement runs in the critical path of every filing, so it is prepared (its text never changes)
//! and a single `INSERT … SELECT`; without an active link of the agency it inserts nothing.

use super::messages::{self, ExchangeMessageRow};
use crate::db::dialect::on_backend::on_backend;
use crate::db::dialect::prepared::prepared_statement;
use crate::db::{DbConnection, StorageError};
use crate::integrations::edoc::rules::{Direction, MessageKind, MessageState};
use crate::kernel::Instant;
use crate::petitions::store::documents::DocumentRow;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text, Timestamp};

prepared_statement!(
    /// Queues a document for every link the agency has on that day; there is at most one.
    AnnounceDocument:
        "INSERT INTO exchange_messages \
         (direction, kind, link_id, petition_id, document_id, message_id, state, attempts, due_at, created_at, detail) \
         SELECT 'out', 'document', exchange_links.id, ", petition: BigInt = i64, ", ", document: BigInt = i64,
        ", exchange_links.sender_organ_id || ", name: Text = &'a str, ", 'due', 0, ", due: Timestamp = Instant,
        ", ", created: Timestamp = Instant, ", '{}' FROM exchange_links WHERE exchange_links.agency_id = ", agency: BigInt = i64,
        " AND exchange_links.active_from <= ", from: Date = NaiveDate,
        " AND (exchange_links.active_until IS NULL OR exchange_links.active_until >= ", until: Date = NaiveDate, ")"
);

/// Queues a newly registered document if its agency has a link; `name` is appended to our organ identifier.
pub fn announce(connection: &mut DbConnection, document: &DocumentRow, name: &str) -> Result<(), StorageError> {
    let (at, day) = (document.arrived_at, document.arrived_at.local_date());
    let statement = AnnounceDocument::new(document.petition_id.0, document.id.0, name, at, at, document.agency_id.0, day, day);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Queues an outgoing status message; `false` when it already exists.
pub fn announce_status(
    connection: &mut DbConnection,
    about: &ExchangeMessageRow,
    message_id: &str,
    code: &str,
    detail: String,
    now: Instant,
) -> Result<bool, StorageError> {
    enter(connection, about, message_id, MessageKind::Status, Some(code), detail, now)
}

/// Queues a sent document again under another name; `false` when it already exists.
pub fn announce_again(
    connection: &mut DbConnection,
    about: &ExchangeMessageRow,
    message_id: &str,
    now: Instant,
) -> Result<bool, StorageError> {
    enter(connection, about, message_id, MessageKind::Document, None, "{}".to_owned(), now)
}

fn enter(
    connection: &mut DbConnection,
    about: &ExchangeMessageRow,
    message_id: &str,
    kind: MessageKind,
    code: Option<&str>,
    detail: String,
    now: Instant,
) -> Result<bool, StorageError> {
    let Some(id) = messages::claim(connection, Direction::Out, about.link_id, message_id, now)? else { return Ok(false) };
    let row = ExchangeMessageRow {
        id,
        direction: Direction::Out,
        kind,
        link_id: about.link_id,
        petition_id: about.petition_id,
        document_id: about.document_id,
        message_id: message_id.to_owned(),
        state: MessageState::Due,
        status_code: code.map(str::to_owned),
        answered_code: None,
        attempts: 0,
        due_at: Some(now),
        created_at: now,
        sent_at: None,
        acknowledged_at: None,
        problem: None,
        signature: None,
        sha256: None,
        detail,
    };
    messages::update(connection, &row)?;
    Ok(true)
}
