//! Returning a petition to the coordinator (`return` on the wire; a reserved word in Rust).

use super::step::{StepContext, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::ids::DocumentId;
use crate::kernel::text;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Returns a document to the coordinator's desk; this never ends the petition.
///
/// # Errors
/// A rule on `reason`; otherwise see [`on_document`].
pub async fn hand_back(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    reason: String,
) -> Result<DocumentId, ServiceError> {
    let reason = text::clean(&reason, 1, 2000).map_err(|rule| ServiceError::invalid("reason", rule))?;
    on_document(app, actor, id, version, Action::Return, move |step| {
        decide(step, reason.clone());
        Ok(())
    })
    .await
}

/// Sets the petition back to the coordinator.
pub fn decide(ctx: &mut StepContext, reason: String) {
    ctx.petition.status = Status::Received;
    ctx.petition.agency_id = None;
    ctx.petition.assignee_id = None;
    ctx.close_document(DocumentStatus::Returned);
    ctx.entry.note = Some(reason);
    ctx.entry.is_public = false;
    ctx.entry.notify.push(Audience::Coordinator);
}
