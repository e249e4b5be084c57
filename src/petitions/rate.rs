//! Rating the answer, once; a low score needs a comment.

use super::step::{StepContext, on_petition};
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::PetitionId;
use crate::kernel::text;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience, RequestState, Status};
use crate::petitions::store::{AnswerRow, answers};

/// Scores up to this one need a comment.
const LOW_SCORE: i32 = 2;

/// Rates the answer from 1 (rất không hài lòng) to 5 (rất hài lòng).
///
/// # Errors
/// Rules on `score` and `comment`, [`ErrorCode::AlreadyRated`]; otherwise see [`on_petition`].
pub async fn rate(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    score: i32,
    comment: Option<String>,
) -> Result<PetitionId, ServiceError> {
    let mut problems = FieldProblems::default();
    if !(1..=5).contains(&score) {
        problems.add("score", FieldRule::Between("1".into(), "5".into()));
    } else if score <= LOW_SCORE && comment.is_none() {
        problems.add("comment", FieldRule::Required);
    }
    let comment = problems.take("comment", comment.map(|comment| text::clean(&comment, 1, 2000)).transpose()).flatten();
    problems.finish()?;
    on_petition(app, caller, code, version, Action::Rate, move |step| {
        let mut answer = answers::sent(step.connection, step.ctx.petition.id)?.ok_or(ErrorCode::WrongState)?;
        if answer.score.is_some() {
            return Err(ErrorCode::AlreadyRated.into());
        }
        decide(step, &mut answer, score, comment.clone());
        Ok(answers::update(step.connection, &answer)?)
    })
    .await
}

/// Stores the rating on petition and answer.
pub fn decide(ctx: &mut StepContext, answer: &mut AnswerRow, score: i32, comment: Option<String>) {
    answer.score = Some(score);
    answer.comment.clone_from(&comment);
    answer.rated_at = Some(ctx.now);
    ctx.petition.score = Some(score);
    if ctx.petition.reopening != RequestState::Asked {
        ctx.petition.status = Status::Closed;
    }
    ctx.entry.note = comment;
    ctx.entry.add_detail("score", score);
    ctx.entry.notify.push(Audience::Agency);
}
