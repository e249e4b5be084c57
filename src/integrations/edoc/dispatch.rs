//! Queues exchange messages for the steps of a petition; for documents it is called only by `petitions::record`.
//!
//! Rules: a new incoming document is sent if its agency has an active link. If a document leaves the agency without
//! an answer, it is recalled with status 13 if it was sent, unless the agency refused it itself; an unsent one is
//! cancelled. What the petitioner adds later, in a reply or a reopening request, is sent as an update of the same
//! document.

use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::edoc::rules::edxml::status_code::EdxmlStatusCode;
use crate::integrations::edoc::rules::{MessageKind, MessageState};
use crate::integrations::edoc::store::{ExchangeMessageRow, messages, outbox};
use crate::kernel::Instant;
use crate::petitions::rules::DocumentStatus;
use crate::petitions::store::documents::DocumentRow;
use serde::{Deserialize, Serialize};

/// Separates the document identifier from the petition version in the message id of an update.
const UPDATE: &str = "#update-";

/// What one of our status messages refers to; stored with its row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReplyReference {
    /// Document identifier.
    pub document_id: String,
    /// Number and notation.
    pub code: String,
    /// Document date as written in the message.
    pub promulgated_on: Option<chrono::NaiveDate>,
    /// Text of the status message.
    pub description: String,
}

/// Returns the number and notation of an outgoing document; they are unique.
#[must_use]
pub fn notation(petition_code: &str, document: &DocumentRow) -> (String, String) {
    (document.number.to_string(), format!("PAKN-{petition_code}.{}", document.id))
}

/// Queues a newly registered document.
pub fn entered(connection: &mut DbConnection, petition_code: &str, document: &DocumentRow) -> Result<(), ServiceError> {
    let (number, notation) = notation(petition_code, document);
    let name = format!(",{},{number}/{notation}", document.arrived_at.local_date().format("%Y/%m/%d"));
    Ok(outbox::announce(connection, document, &name)?)
}

/// Recalls or cancels the messages of a document that has left its agency.
pub fn left(connection: &mut DbConnection, document: &DocumentRow, now: Instant) -> Result<(), ServiceError> {
    // Completed by the agency; nothing to recall.
    if document.status == DocumentStatus::Completed {
        return Ok(());
    }
    for mut message in messages::of_document(connection, document.id)? {
        match message.state {
            _ if is_update(&message) && message.state != MessageState::Due => {}
            MessageState::Sent | MessageState::Acknowledged => recall(connection, &message, now)?,
            MessageState::Due | MessageState::Failed => {
                // After a failed attempt the message may have arrived nevertheless.
                if message.state == MessageState::Due && message.attempts > 0 && !is_update(&message) {
                    recall(connection, &message, now)?;
                }
                message.state = MessageState::Cancelled;
                message.due_at = None;
                messages::update(connection, &message)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Queues an update of a document the petitioner has added something to.
pub fn updated(connection: &mut DbConnection, document: &DocumentRow, version: i32, now: Instant) -> Result<(), ServiceError> {
    for message in messages::of_document(connection, document.id)? {
        let is_there = matches!(message.state, MessageState::Due | MessageState::Sent | MessageState::Acknowledged);
        if is_there && !is_update(&message) {
            outbox::announce_again(connection, &message, &format!("{}{UPDATE}{version}", message.message_id), now)?;
        }
    }
    Ok(())
}

/// Returns whether a message is an update of a document sent before.
#[must_use]
pub fn is_update(message: &ExchangeMessageRow) -> bool {
    message.kind == MessageKind::Document && message.message_id.contains(UPDATE)
}

/// Returns the document identifier a message carries.
#[must_use]
pub fn document_name(message: &ExchangeMessageRow) -> &str {
    message.message_id.split(UPDATE).next().unwrap_or_default()
}

/// Queues a recall of a document, once, unless the agency refused it.
pub fn recall(connection: &mut DbConnection, message: &ExchangeMessageRow, now: Instant) -> Result<(), ServiceError> {
    if message.answered_code.as_deref() == Some(EdxmlStatusCode::Refused.as_str()) {
        return Ok(());
    }
    let answering = ReplyReference {
        document_id: message.message_id.clone(),
        code: message.message_id.splitn(3, ',').nth(2).unwrap_or_default().to_owned(),
        promulgated_on: Some(message.created_at.local_date()),
        description: "Phản ánh, kiến nghị không còn do cơ quan giải quyết; đề nghị lấy lại văn bản.".to_owned(),
    };
    let code = EdxmlStatusCode::Recall;
    say(connection, message, code, &answering, now)
}

/// Queues a status message, once per document and code.
pub fn say(
    connection: &mut DbConnection,
    about: &ExchangeMessageRow,
    code: EdxmlStatusCode,
    answering: &ReplyReference,
    now: Instant,
) -> Result<(), ServiceError> {
    let detail = serde_json::to_string(answering).map_err(|_| ServiceError::Internal("an answer cannot be written as JSON"))?;
    let name = format!("{}#{code}", answering.document_id);
    outbox::announce_status(connection, about, &name, code.as_str(), detail, now)?;
    Ok(())
}
