//! Assigning: a leader names the officer who works on the petition.

use super::step::on_document;
use crate::accounts::store::officers;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::{AccountState, Actor};
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::DocumentId;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Assigns a document to an officer of the same agency, given by user name.
///
/// # Errors
/// `UnknownCode` on `account` when the agency has no such active officer; otherwise see [`on_document`].
pub async fn assign(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    account: String,
) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Assign, move |step| {
        let officer = officers::with_usernames(step.connection, &[account.trim().to_lowercase()])?
            .into_iter()
            .next()
            .filter(|officer| officer.state == AccountState::Active && officer.agency_id == step.petition.agency_id)
            .ok_or_else(|| ServiceError::invalid("account", FieldRule::UnknownCode))?;
        step.petition.status = Status::InProgress;
        step.petition.assignee_id = Some(officer.id);
        step.set_document_status(DocumentStatus::Assigned);
        step.entry.is_public = false;
        step.entry.add_detail("account", officer.username);
        step.entry.notify.push(Audience::Agency);
        Ok(())
    })
    .await
}
