//! The agency gives the petition back to the coordinator (`return` on the wire, a reserved word in Rust).

use super::step::{Desk, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::ids::DocumentId;
use crate::kernel::text;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Returns a document to the coordinator's desk; never a closing state.
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

/// It is the coordinator's again.
pub fn decide(desk: &mut Desk, reason: String) {
    desk.petition.status = Status::Received;
    desk.petition.agency_id = None;
    desk.petition.assignee_id = None;
    desk.document_leaves(DocumentStatus::Returned);
    desk.entry.note = Some(reason);
    desk.entry.is_public = false;
    desk.entry.notify.push(Audience::Coordinator);
}
