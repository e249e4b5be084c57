//! Submitting a draft to the leader; where the agency has two-person approval switched off, the answer is sent at once.

use super::approve::send;
use super::step::{StepContext, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::DocumentId;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};
use crate::petitions::store::answers;

/// Submits the draft of a document.
///
/// # Errors
/// [`ErrorCode::NoDraft`]; otherwise see [`on_document`].
pub async fn submit(app: &App, actor: &Actor, id: DocumentId, version: Option<i32>) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Submit, move |step| {
        let answer = answers::draft(step.connection, step.ctx.petition.id)?.ok_or(ErrorCode::NoDraft)?;
        let agency = step.petition.agency_id.and_then(|id| step.directory.agency(id));
        if agency.is_some_and(|agency| !agency.two_person_approval) {
            return send(step, answer);
        }
        decide(step);
        Ok(())
    })
    .await
}

/// Sets the petition to wait for approval by the leader.
pub fn decide(ctx: &mut StepContext) {
    ctx.petition.status = Status::AwaitingApproval;
    ctx.set_document_status(DocumentStatus::AwaitingApproval);
    ctx.entry.is_public = false;
    ctx.entry.notify.push(Audience::Agency);
}
