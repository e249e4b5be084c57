//! Deadline extension: the handler asks before the deadline, a leader other than the requester decides, once per
//! petition, and the petitioner sees it.
//!
//! Where an agency has switched two-person approval off, the requester may decide too, as with answers.

use super::due::{count, due};
use super::step::{Step, on_document};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AccountId, DocumentId};
use crate::kernel::text;
use crate::petitions::rules::{Action, Audience, RequestKind, RequestState};
use crate::petitions::store::{PetitionRow, RequestRow, deadlines, requests, timeline};
use chrono::{Days, NaiveDate};

/// The longest extension in days.
const LONGEST_EXTENSION_DAYS: u64 = 366;

/// Asks for an extension of the deadline to the end of the day `until`.
///
/// # Errors
/// A rule on `reason` or `until`, [`ErrorCode::AlreadyExtended`], [`ErrorCode::ExtensionPending`],
/// [`ErrorCode::DeadlinePassed`]; otherwise see [`on_document`].
pub async fn extend(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    until: NaiveDate,
    reason: String,
) -> Result<DocumentId, ServiceError> {
    let reason = text::clean(&reason, 1, 2000);
    on_document(app, actor, id, version, Action::Extend, move |step| {
        match step.petition.extension {
            RequestState::None => {}
            RequestState::Asked => return Err(ErrorCode::ExtensionPending.into()),
            RequestState::Granted | RequestState::Denied => return Err(ErrorCode::AlreadyExtended.into()),
        }
        if step.now >= step.petition.due_at {
            return Err(ErrorCode::DeadlinePassed.into());
        }
        let due_on = step.petition.due_at.local_date();
        let latest = due_on.checked_add_days(Days::new(LONGEST_EXTENSION_DAYS)).unwrap_or(due_on);
        let mut problems = FieldProblems::default();
        if until <= due_on {
            problems.add("until", FieldRule::MustBeAfter(due_on.to_string()));
        } else if until > latest {
            problems.add("until", FieldRule::Between(due_on.to_string(), latest.to_string()));
        }
        let reason = problems.take("reason", reason.clone()).unwrap_or_default();
        problems.finish()?;
        requests::insert(step.connection, step.ctx.petition.id, RequestKind::Extension, &reason, Some(until), step.ctx.now)?;
        step.petition.extension = RequestState::Asked;
        step.entry.note = Some(reason);
        step.entry.add_detail("until", until.to_string());
        step.entry.notify.push(Audience::Agency);
        Ok(())
    })
    .await
}

/// Grants the requested extension.
///
/// # Errors
/// [`ErrorCode::NoExtensionAsked`], [`ErrorCode::RequesterMayNotDecide`]; otherwise see [`on_document`].
pub async fn grant_extension(app: &App, actor: &Actor, id: DocumentId, version: Option<i32>) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::GrantExtension, |step| {
        let request = pending(step)?;
        let until = request.until_on.ok_or(ErrorCode::NoExtensionAsked)?;
        let mut deadline = deadlines::find(step.connection, step.ctx.petition.id)?;
        deadline.extended_until = Some(until);
        // The granted day becomes the new base; only later pauses move it.
        deadline.paused_working_ms = 0;
        deadlines::update(step.connection, &deadline)?;
        let due_at = due(&deadline, &count(&deadline)?, step.directory.calendar())?.due_at;
        requests::decide(step.connection, request.id, true, step.ctx.now)?;
        step.petition.extension = RequestState::Granted;
        step.petition.due_at = due_at;
        step.entry.add_detail("until", until.to_string());
        step.entry.notify.push(Audience::Petitioner);
        Ok(())
    })
    .await
}

/// Denies the requested extension.
///
/// # Errors
/// A rule on `note`, [`ErrorCode::NoExtensionAsked`], [`ErrorCode::RequesterMayNotDecide`]; otherwise see [`on_document`].
pub async fn deny_extension(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    note: String,
) -> Result<DocumentId, ServiceError> {
    let note = text::clean(&note, 1, 2000).map_err(|rule| ServiceError::invalid("note", rule))?;
    on_document(app, actor, id, version, Action::DenyExtension, move |step| {
        let request = pending(step)?;
        requests::decide(step.connection, request.id, false, step.ctx.now)?;
        step.petition.extension = RequestState::Denied;
        step.entry.note = Some(note.clone());
        step.entry.is_public = false;
        step.entry.notify.push(Audience::Agency);
        Ok(())
    })
    .await
}

fn pending(step: &mut Step<'_>) -> Result<RequestRow, ServiceError> {
    if step.petition.extension != RequestState::Asked {
        return Err(ErrorCode::NoExtensionAsked.into());
    }
    let decider = step.account()?.account_id;
    if !may_decide(step.connection, &step.ctx.directory, &step.ctx.petition, decider)? {
        return Err(ErrorCode::RequesterMayNotDecide.into());
    }
    let request = requests::newest(step.connection, step.ctx.petition.id, RequestKind::Extension)?;
    request.ok_or_else(|| ErrorCode::NoExtensionAsked.into())
}

/// Returns whether an account may decide on the requested extension: the requester may not, unless the agency has
/// two-person approval switched off.
pub(super) fn may_decide(
    connection: &mut DbConnection,
    directory: &Directory,
    petition: &PetitionRow,
    decider: AccountId,
) -> Result<bool, ServiceError> {
    let agency = petition.agency_id.and_then(|id| directory.agency(id));
    if agency.is_some_and(|agency| !agency.two_person_approval) {
        return Ok(true);
    }
    Ok(timeline::last_author(connection, petition.id, Action::Extend)? != Some(decider))
}
