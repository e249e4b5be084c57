//! The holding agency accepts the petition: work begins.

use super::step::{Desk, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::ids::DocumentId;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Accepts a document for the agency.
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

/// Work begins.
pub fn decide(desk: &mut Desk) {
    desk.petition.status = Status::InProgress;
    desk.document_becomes(DocumentStatus::Accepted);
    desk.entry.notify.push(Audience::Petitioner);
}
