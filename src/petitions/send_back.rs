//! Sending a draft back: the leader returns it to the handler with a note.

use super::step::on_document;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::ids::DocumentId;
use crate::kernel::text;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Sends the submitted draft back to the handler.
///
/// # Errors
/// A rule on `note`; otherwise see [`on_document`].
pub async fn send_back(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    note: String,
) -> Result<DocumentId, ServiceError> {
    let note = text::clean(&note, 1, 2000).map_err(|rule| ServiceError::invalid("note", rule))?;
    on_document(app, actor, id, version, Action::SendBack, move |step| {
        step.petition.status = Status::InProgress;
        step.set_document_status(DocumentStatus::InProgress);
        step.entry.note = Some(note.clone());
        step.entry.is_public = false;
        step.entry.notify.push(Audience::Agency);
        Ok(())
    })
    .await
}
