//! A leader who did not write the answer approves it: it is sent, and published.

use super::step::{Desk, Step, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::ids::DocumentId;
use crate::kernel::refusal::Refusal;
use crate::petitions::publication;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};
use crate::petitions::store::{AnswerRow, answers};

/// Approves the submitted answer.
///
/// # Errors
/// [`Refusal::NoDraft`], [`Refusal::AuthorMayNotApprove`]; otherwise see [`on_document`].
pub async fn approve(app: &App, actor: &Actor, id: DocumentId, version: Option<i32>) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Approve, move |step| {
        let answer = answers::draft(step.connection, step.desk.petition.id)?.ok_or(Refusal::NoDraft)?;
        if answer.author_id == step.account()?.account_id {
            return Err(Refusal::AuthorMayNotApprove.into());
        }
        send(step, answer)
    })
    .await
}

/// Sends an answer: from now on the petition counts as handled.
///
/// # Errors
/// Only those of the database.
pub fn send(step: &mut Step<'_>, mut answer: AnswerRow) -> Result<(), ServiceError> {
    decide(step, &mut answer)?;
    answers::update(step.connection, &answer)?;
    publication::publish(step, &answer)
}

/// Writes the answer on petition and document.
///
/// # Errors
/// [`Refusal::NotSignedIn`] without an account.
pub fn decide(desk: &mut Desk, answer: &mut AnswerRow) -> Result<(), ServiceError> {
    let approver = desk.account()?.account_id;
    answer.answered_at = Some(desk.now);
    answer.approver_id = Some(approver);
    desk.petition.status = Status::Answered;
    desk.document_leaves(DocumentStatus::Completed);
    desk.entry.note = Some(answer.content.clone());
    desk.entry.tell("outcome", answer.outcome.as_str());
    if let Some(day) = answer.promised_on {
        desk.entry.tell("promised_on", day.to_string());
    }
    desk.entry.notify.push(Audience::Petitioner);
    Ok(())
}
