//! The petitioner's reply: the clock resumes and the deadline moves by the working time that was paused.

use super::due::{count, due};
use super::step::{Step, on_petition};
use crate::accounts::access::Caller;
use crate::app::App;
use crate::attachments::join::{self, AttachmentIds, AttachmentLimits};
use crate::attachments::rules::Occasion;
use crate::db::service_error::ServiceError;
use crate::directory::rules::deadline;
use crate::kernel::ids::PetitionId;
use crate::kernel::text;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};
use crate::petitions::store::deadlines;

/// Replies to the agency's question.
///
/// # Errors
/// A rule on `text` or `attachments`; otherwise see [`on_petition`].
pub async fn reply(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    words: String,
    attachments: Vec<String>,
) -> Result<PetitionId, ServiceError> {
    let words = text::clean(&words, 1, 5000).map_err(|rule| ServiceError::invalid("text", rule))?;
    let named = AttachmentIds { ids: join::read(&attachments, app.config.attachments_per_petition)?, needs_picture: false };
    let limits = AttachmentLimits::of(&app.config);
    on_petition(app, caller, code, version, Action::Reply, move |step| {
        step.petition.status = Status::InProgress;
        resume_clock(step)?;
        step.set_document_status(DocumentStatus::InProgress);
        let (petition, now, actor) = (step.petition.id, step.now, step.actor.as_ref().map(|actor| actor.account_id));
        join::join(step.connection, limits, &named, actor, (petition, Occasion::Reply), now)?;
        if !named.ids.is_empty() {
            step.entry.add_detail("attachments", named.ids.len());
        }
        step.entry.note = Some(words.clone());
        step.entry.notify.push(Audience::Agency);
        Ok(())
    })
    .await
}

/// Ends the pause and moves the deadline by the whole working minutes of its duration.
///
/// # Errors
/// Database errors; `Internal` when the calendar has no working sessions.
pub fn resume_clock(step: &mut Step<'_>) -> Result<(), ServiceError> {
    let Some(paused_at) = step.petition.paused_at.take() else { return Ok(()) };
    let calendar = step.ctx.directory.calendar();
    let paused = deadline::counted_pause(calendar.working_millis_between(paused_at, step.ctx.now));
    let mut stored = deadlines::find(step.connection, step.ctx.petition.id)?;
    stored.paused_working_ms = deadline::counted_pause(stored.paused_working_ms) + paused;
    deadlines::update(step.connection, &stored)?;
    step.ctx.petition.due_at = due(&stored, &count(&stored)?, calendar)?.due_at;
    step.entry.add_detail("paused_working_ms", paused);
    Ok(())
}
