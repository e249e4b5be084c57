//! What a step leaves to be sent; called by `petitions::record` and by nobody else for documents.
//!
//! Rules: a new line of a register is announced where the agency has an active link; a document that leaves its agency unanswered is
//! asked back with status 13 if it was sent, unless the agency refused it itself; one that was not sent yet is not sent any more. What a
//! petitioner adds later, in a reply or in asking to look again, follows as an update of the same document.

use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::edoc::rules::edxml::status_code::EdxmlStatusCode;
use crate::integrations::edoc::rules::{MessageKind, MessageState};
use crate::integrations::edoc::store::{ExchangeMessageRow, messages, outbox};
use crate::kernel::Instant;
use crate::petitions::rules::DocumentStatus;
use crate::petitions::store::documents::DocumentRow;
use serde::{Deserialize, Serialize};

/// Between the identifier of a document and the version of the petition that a further message about it tells.
const UPDATE: &str = "#update-";

/// What a status message of ours answers, kept with its row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReplyReference {
    /// The identifier of the document.
    pub document_id: String,
    /// Its number and notation.
    pub code: String,
    /// Its day, as the message writes it.
    pub promulgated_on: Option<chrono::NaiveDate>,
    /// What we say to it.
    pub description: String,
}

/// Number and notation under which a document goes out; no other document has the same.
#[must_use]
pub fn notation(petition_code: &str, document: &DocumentRow) -> (String, String) {
    (document.number.to_string(), format!("PAKN-{petition_code}.{}", document.id))
}

/// A document was entered in a register.
pub fn entered(connection: &mut DbConnection, petition_code: &str, document: &DocumentRow) -> Result<(), ServiceError> {
    let (number, notation) = notation(petition_code, document);
    let name = format!(",{},{number}/{notation}", document.arrived_at.local_date().format("%Y/%m/%d"));
    Ok(outbox::announce(connection, document, &name)?)
}

/// A document has left its agency.
pub fn left(connection: &mut DbConnection, document: &DocumentRow, now: Instant) -> Result<(), ServiceError> {
    // Answered there: nothing is wanted back.
    if document.status == DocumentStatus::Completed {
        return Ok(());
    }
    for mut message in messages::of_document(connection, document.id)? {
        match message.state {
            _ if is_update(&message) && message.state != MessageState::Due => {}
            MessageState::Sent | MessageState::Acknowledged => recall(connection, &message, now)?,
            MessageState::Due | MessageState::Failed => {
                // An attempt without an answer may have arrived all the same.
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

/// The petitioner has added something to a document that stays where it is.
pub fn updated(connection: &mut DbConnection, document: &DocumentRow, version: i32, now: Instant) -> Result<(), ServiceError> {
    for message in messages::of_document(connection, document.id)? {
        let is_there = matches!(message.state, MessageState::Due | MessageState::Sent | MessageState::Acknowledged);
        if is_there && !is_update(&message) {
            outbox::announce_again(connection, &message, &format!("{}{UPDATE}{version}", message.message_id), now)?;
        }
    }
    Ok(())
}

/// Whether a message only adds to a document that went out before.
#[must_use]
pub fn is_update(message: &ExchangeMessageRow) -> bool {
    message.kind == MessageKind::Document && message.message_id.contains(UPDATE)
}

/// The identifier of the document that a message carries.
#[must_use]
pub fn document_name(message: &ExchangeMessageRow) -> &str {
    message.message_id.split(UPDATE).next().unwrap_or_default()
}

/// Asks a document back, once.
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

/// Enters a status message of ours, once for each document and code.
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
