//! Accepting a petition: the holding agency starts work and the petition becomes `in_progress`.

use super::step::{StepContext, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::ids::DocumentId;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Accepts a document on behalf of the agency.
///
/// # Errors
/// See [`on_document`].
pub async fn accept(app: &App, actor: &Actor, id: DocumentId, version: Option<i32>) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Accept, |step| {
        decide(step);
        Ok(())
    })
    .await
}

/// Sets the petition to `in_progress` and its document to `accepted`.
pub fn decide(ctx: &mut StepContext) {
    ctx.petition.status = Status::InProgress;
    ctx.set_document_status(DocumentStatus::Accepted);
    ctx.entry.notify.push(Audience::Petitioner);
}
