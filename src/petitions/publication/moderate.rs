//! Moderation by a leader or coordinator: replace public texts, unpublish, publish again.
//!
//! Each decision is a step of the petition, with an audit record and a timeline entry that the petitioner does not see.

use super::hash_of;
use super::known_with_merged;
use super::store;
use super::view::answer_of;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory::checks;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{DocumentId, PetitionId};
use crate::kernel::text;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::masking::mask;
use crate::petitions::rules::{Action, Status};
use crate::petitions::step::{Step, on_document, on_petition};
use crate::petitions::store::moderations::{self, ModeratedAnswerRow, ModerationRow};
use crate::petitions::store::{answers, petitioners, publications};
use serde::Deserialize;
use utoipa::ToSchema;

/// What changes of a public version; a text that is `null` is again what masking gives.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicationChanges {
    /// Another title, 5–200 characters.
    #[serde(default, deserialize_with = "checks::sent")]
    #[schema(value_type = Option<String>)]
    pub title: Option<Option<String>>,
    /// Another content, 10–5000 characters.
    #[serde(default, deserialize_with = "checks::sent")]
    #[schema(value_type = Option<String>)]
    pub content: Option<Option<String>>,
    /// Another answer, 1–10000 characters.
    #[serde(default, deserialize_with = "checks::sent")]
    #[schema(value_type = Option<String>)]
    pub answer: Option<Option<String>>,
    /// Whether everybody may read it.
    pub published: Option<bool>,
    /// Why, 1–2000 characters; needed with `published`. For officers only.
    pub reason: Option<String>,
}

impl PublicationChanges {
    /// Validates and cleans the request.
    fn checked(self) -> Result<Self, ServiceError> {
        let mut problems = FieldProblems::default();
        let clean = |text: Option<Option<String>>, check: &dyn Fn(&str) -> Result<String, FieldRule>| match text {
            Some(Some(text)) => check(&text).map(|text| Some(Some(text))),
            other => Ok(other),
        };
        let title = problems.take("title", clean(self.title, &|text| text::clean_line(text, 5, 200)));
        let content = problems.take("content", clean(self.content, &|text| text::clean(text, 10, 5000)));
        let answer = problems.take("answer", clean(self.answer, &|text| text::clean(text, 1, 10_000)));
        let reason = match (&self.reason, self.published) {
            (None, Some(_)) => problems.take("reason", Err(FieldRule::Required)),
            (None, None) => Some(None),
            (Some(reason), _) => problems.take("reason", text::clean(reason, 1, 2000).map(Some)),
        };
        let (title, content, answer) = (title.flatten(), content.flatten(), answer.flatten());
        if self.published.is_none() && title.is_none() && content.is_none() && answer.is_none() && problems.is_empty() {
            problems.add("published", FieldRule::Required);
        }
        problems.finish()?;
        Ok(Self { title, content, answer, published: self.published, reason: reason.flatten() })
    }
}

/// Moderates the petition of a document, as leader of the holding agency.
///
/// # Errors
/// Rules on fields, [`ErrorCode::WrongState`] before there is an answer; otherwise see [`on_document`].
pub async fn moderate_document(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    changes: PublicationChanges,
) -> Result<DocumentId, ServiceError> {
    let changes = changes.checked()?;
    on_document(app, actor, id, version, Action::Moderate, move |step| decide(step, &changes)).await
}

/// Moderates a petition, as coordinator.
///
/// # Errors
/// Rules on fields, [`ErrorCode::WrongState`] before there is an answer; otherwise see [`on_petition`].
pub async fn moderate_petition(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    changes: PublicationChanges,
) -> Result<PetitionId, ServiceError> {
    let changes = changes.checked()?;
    on_petition(app, caller, code, version, Action::Moderate, move |step| decide(step, &changes)).await
}

fn decide(step: &mut Step<'_>, changes: &PublicationChanges) -> Result<(), ServiceError> {
    let id = step.ctx.petition.id;
    if step.petition.first_answered_at.is_none() && step.petition.status != Status::AwaitingApproval {
        return Err(ErrorCode::WrongState.into());
    }
    let before = moderations::find(step.connection, id)?;
    let petitioner = petitioners::find(step.connection, id)?;
    let known = known_with_merged(step.connection, &petitioner)?;
    let masked = |text: &Option<String>| text.as_ref().map(|text| mask(text, &known));
    let kept = |changed: &Option<Option<String>>, before: Option<String>| changed.as_ref().map_or(before, masked);
    let title = kept(&changes.title, before.as_ref().and_then(|before| before.title.clone()));
    let content = kept(&changes.content, before.as_ref().and_then(|before| before.content.clone()));
    let was_published = before.as_ref().is_none_or(|before| before.is_published);
    let is_published = changes.published.unwrap_or(was_published);
    let text_hash = hash_of(&[title.as_deref(), content.as_deref()]);
    if let Some(answer) = &changes.answer {
        let hash = moderate_answer(step, masked(answer))?;
        step.entry.add_detail("answer_hash", hash);
    }
    let sent = [("title", changes.title.is_some()), ("content", changes.content.is_some()), ("answer", changes.answer.is_some())];
    let changed: Vec<&str> = sent.into_iter().filter(|(_, is_sent)| *is_sent).map(|(name, _)| name).collect();
    step.entry.is_public = false;
    step.entry.note.clone_from(&changes.reason);
    step.entry.add_detail("published", is_published);
    step.entry.add_detail("changed", changed);
    step.entry.add_detail("text_hash", text_hash.clone());
    let (changed_by, changed_at) = (step.account()?.account_id, step.now);
    let reason = changes.reason.clone().or_else(|| before.and_then(|before| before.reason));
    let row = ModerationRow { petition_id: id, is_published, title, content, text_hash, reason, changed_by, changed_at };
    moderations::store(step.connection, &row)?;
    if let Some(answer) = answers::sent(step.connection, id)? {
        let present = publications::of_petition(step.connection, id)?.map(|present| present.published_at);
        let published_at = present.or(answer.answered_at).unwrap_or(changed_at);
        store(step.connection, &answer, published_at, None)?;
    }
    Ok(())
}

/// Stores or removes the replacement text of the current answer; returns its hash, `None` when removed.
fn moderate_answer(step: &mut Step<'_>, words: Option<String>) -> Result<Option<String>, ServiceError> {
    let (id, status) = (step.ctx.petition.id, step.ctx.petition.status);
    let answer = answer_of(step.connection, id, status)?.ok_or(ErrorCode::NoDraft)?;
    let Some(content) = words else {
        moderations::remove_answer(step.connection, answer.id)?;
        return Ok(None);
    };
    let text_hash = hash_of(&[Some(&content)]);
    let answer_hash = hash_of(&[Some(&answer.content)]);
    let row = ModeratedAnswerRow { answer_id: answer.id, petition_id: id, content, text_hash: text_hash.clone(), answer_hash };
    moderations::store_answer(step.connection, &row)?;
    Ok(Some(text_hash))
}
