//! The holding agency accepts the petition: work begins.

use super::step::on_document;
use crate::app::App;
use crate::domain::account::Actor;
use crate::domain::ids::DocumentId;
use crate::domain::petition::{Action, Audience, DocumentStatus, Status};
use crate::services::error::ServiceError;

/// Accepts a document for the agency.
///
/// # Errors
/// See [`on_document`].
pub async fn accept(app: &App, actor: &Actor, id: DocumentId, version: Option<i32>) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Accept, |step| {
        step.petition.status = Status::InProgress;
        step.document_becomes(DocumentStatus::Accepted);
        step.entry.notify.push(Audience::Petitioner);
        Ok(())
    })
    .await
}
