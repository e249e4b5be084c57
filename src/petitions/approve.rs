//! Approving an answer: a leader who did not write it approves it; the answer is then sent and published.

use super::step::{Step, StepContext, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::DocumentId;
use crate::petitions::publication;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};
use crate::petitions::store::{AnswerRow, answers};

/// Approves the submitted answer and sends it.
///
/// # Errors
/// [`ErrorCode::NoDraft`], [`ErrorCode::AuthorMayNotApprove`]; otherwise see [`on_document`].
pub async fn approve(app: &App, actor: &Actor, id: DocumentId, version: Option<i32>) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Approve, move |step| {
        let answer = answers::draft(step.connection, step.ctx.petition.id)?.ok_or(ErrorCode::NoDraft)?;
        if answer.author_id == step.account()?.account_id {
            return Err(ErrorCode::AuthorMayNotApprove.into());
        }
        send(step, answer)
    })
    .await
}

/// Sends an answer; from then on the petition counts as answered.
pub fn send(step: &mut Step<'_>, mut answer: AnswerRow) -> Result<(), ServiceError> {
    decide(step, &mut answer)?;
    answers::update(step.connection, &answer)?;
    publication::publish(step, &answer)
}

/// Records the approval and the sending of the answer on the answer, the petition and the document.
///
/// # Errors
/// [`ErrorCode::NotSignedIn`] without an account.
pub fn decide(ctx: &mut StepContext, answer: &mut AnswerRow) -> Result<(), ServiceError> {
    let approver = ctx.account()?.account_id;
    answer.answered_at = Some(ctx.now);
    answer.approver_id = Some(approver);
    ctx.petition.status = Status::Answered;
    ctx.close_document(DocumentStatus::Completed);
    ctx.entry.note = Some(answer.content.clone());
    ctx.entry.add_detail("outcome", answer.outcome.as_str());
    if let Some(day) = answer.promised_on {
        ctx.entry.add_detail("promised_on", day.to_string());
    }
    ctx.entry.notify.push(Audience::Petitioner);
    Ok(())
}
