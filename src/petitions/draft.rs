//! Drafting an answer; drafting again replaces the draft.

use super::step::{StepContext, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::kernel::ids::{AccountId, AnswerId, DocumentId};
use crate::kernel::text;
use crate::petitions::rules::{Action, DocumentStatus, Outcome};
use crate::petitions::store::{AnswerRow, answers};
use chrono::{Days, NaiveDate};

/// The longest time ahead that may be promised, about ten years.
const LONGEST_PROMISE: Days = Days::new(3653);

/// A validated draft.
#[derive(Debug, Clone)]
pub struct Draft {
    content: String,
    outcome: Outcome,
    promised_on: Option<NaiveDate>,
}

impl Draft {
    /// Validates the input: a promise requires a day, and other outcomes must not have one.
    ///
    /// # Errors
    /// Rules on `content` and `promised_on`.
    pub fn check(content: &str, outcome: Outcome, promised_on: Option<NaiveDate>) -> Result<Self, ServiceError> {
        let mut problems = Vec::new();
        let content = text::clean(content, 1, 10_000);
        if let Err(rule) = &content {
            problems.push(FieldProblem::new("content", rule.clone()));
        }
        match (outcome, promised_on) {
            (Outcome::Promised, None) => problems.push(FieldProblem::new("promised_on", FieldRule::Required)),
            (Outcome::Resolved | Outcome::Explained | Outcome::Unfounded, Some(_)) => {
                problems.push(FieldProblem::new("promised_on", FieldRule::NotAllowed));
            }
            _ => {}
        }
        match content {
            Ok(content) if problems.is_empty() => Ok(Self { content, outcome, promised_on }),
            _ => Err(problems.into()),
        }
    }
}

/// Stores the draft of an answer.
///
/// # Errors
/// `Between` on `promised_on` when the day has passed or is too far; otherwise see [`on_document`].
pub async fn draft(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    draft: Draft,
) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Draft, move |step| {
        let today = step.now.local_date();
        let latest = today.checked_add_days(LONGEST_PROMISE).unwrap_or(today);
        if draft.promised_on.is_some_and(|day| !(today..=latest).contains(&day)) {
            return Err(ServiceError::invalid("promised_on", FieldRule::Between(today.to_string(), latest.to_string())));
        }
        let present = answers::draft(step.connection, step.ctx.petition.id)?;
        let answer = decide(step, &draft, present.as_ref())?;
        match present {
            Some(_) => answers::update(step.connection, &answer)?,
            None => answers::insert(step.connection, &answer)?,
        }
        Ok(())
    })
    .await
}

/// Returns the draft row to store, replacing the present draft if there is one.
///
/// # Errors
/// [`ErrorCode::NotSignedIn`](crate::kernel::error_code::ErrorCode::NotSignedIn) without an account,
/// [`ErrorCode::WrongState`](crate::kernel::error_code::ErrorCode::WrongState) when no agency holds the petition.
pub fn decide(ctx: &mut StepContext, draft: &Draft, present: Option<&AnswerRow>) -> Result<AnswerRow, ServiceError> {
    let author = ctx.account()?.account_id;
    decide_by(ctx, author, draft, present)
}

/// The same, written by an account that does not act itself: the document system of the agency.
///
/// # Errors
/// [`ErrorCode::WrongState`](crate::kernel::error_code::ErrorCode::WrongState) when no agency holds the petition.
pub fn decide_by(
    ctx: &mut StepContext,
    author: AccountId,
    draft: &Draft,
    present: Option<&AnswerRow>,
) -> Result<AnswerRow, ServiceError> {
    let answer = AnswerRow {
        id: present.map_or(AnswerId(0), |answer| answer.id),
        petition_id: ctx.petition.id,
        document_id: ctx.held_document()?.id,
        content: draft.content.clone(),
        outcome: draft.outcome,
        promised_on: draft.promised_on,
        author_id: author,
        drafted_at: ctx.now,
        answered_at: None,
        approver_id: None,
        score: None,
        comment: None,
        rated_at: None,
    };
    ctx.set_document_status(DocumentStatus::InProgress);
    ctx.entry.is_public = false;
    ctx.entry.add_detail("outcome", draft.outcome.as_str());
    Ok(answer)
}
