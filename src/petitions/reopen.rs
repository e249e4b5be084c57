//! Reopening: the petitioner asks once, within fifteen days of the answer, to look at the petition again. The leader or
//! the coordinator decides, never the account that asked; another decider always exists, because the coordinator may
//! decide too.

use super::reorganise::{ended_holder, hand_over};
use super::step::{Step, on_document, on_petition};
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AccountId, DocumentId, PetitionId};
use crate::kernel::text;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience, DocumentStatus, RequestKind, RequestState, Status};
use crate::petitions::store::{PetitionRow, answers, deadlines, requests, timeline};

/// Asks to reopen the petition.
///
/// # Errors
/// A rule on `reason`, [`ErrorCode::AlreadyReopened`], [`ErrorCode::ReopeningTooLate`]; otherwise see [`on_petition`].
pub async fn reopen(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    reason: String,
) -> Result<PetitionId, ServiceError> {
    let reason = text::clean(&reason, 1, 2000).map_err(|rule| ServiceError::invalid("reason", rule))?;
    let reopen_within = app.system_periods().close_after;
    on_petition(app, caller, code, version, Action::Reopen, move |step| {
        if step.petition.reopening != RequestState::None {
            return Err(ErrorCode::AlreadyReopened.into());
        }
        let answered_at = answers::sent(step.connection, step.ctx.petition.id)?.and_then(|answer| answer.answered_at);
        if answered_at.is_none_or(|at| step.now > at.plus(reopen_within)) {
            return Err(ErrorCode::ReopeningTooLate.into());
        }
        requests::insert(step.connection, step.ctx.petition.id, RequestKind::Reopening, &reason, None, step.ctx.now)?;
        step.petition.reopening = RequestState::Asked;
        step.entry.note = Some(reason.clone());
        // An agency that a reform has ended has no staff left to notify.
        let told = if ended_holder(step).is_some() { Audience::Coordinator } else { Audience::Agency };
        step.entry.notify.push(told);
        Ok(())
    })
    .await
}

/// Decides on the reopening request, as leader of the agency that answered.
///
/// # Errors
/// A rule on `note`, [`ErrorCode::NoReopeningAsked`], [`ErrorCode::RequesterMayNotDecide`]; otherwise see [`on_document`].
pub async fn decide_by_leader(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    decision: ReopeningDecision,
) -> Result<DocumentId, ServiceError> {
    let close_after = app.system_periods().close_after;
    on_document(app, actor, id, version, decision.action(), move |step| decide(step, &decision, close_after)).await
}

/// Decides on the reopening request, as coordinator.
///
/// # Errors
/// A rule on `note`, [`ErrorCode::NoReopeningAsked`], [`ErrorCode::RequesterMayNotDecide`]; otherwise see [`on_petition`].
pub async fn decide_by_coordinator(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    decision: ReopeningDecision,
) -> Result<PetitionId, ServiceError> {
    let close_after = app.system_periods().close_after;
    on_petition(app, caller, code, version, decision.action(), move |step| decide(step, &decision, close_after)).await
}

/// The decision on a reopening request.
#[derive(Debug, Clone)]
pub enum ReopeningDecision {
    /// Work begins again, with a new deadline.
    Grant,
    /// The status stays; the text is the note to the petitioner.
    Deny(String),
}

impl ReopeningDecision {
    /// Returns a denial with its validated note.
    ///
    /// # Errors
    /// A rule on `note`.
    pub fn deny(note: &str) -> Result<Self, ServiceError> {
        text::clean(note, 1, 2000).map(Self::Deny).map_err(|rule| ServiceError::invalid("note", rule))
    }

    const fn action(&self) -> Action {
        match self {
            Self::Grant => Action::GrantReopening,
            Self::Deny(_) => Action::DenyReopening,
        }
    }
}

fn decide(step: &mut Step<'_>, decision: &ReopeningDecision, close_after: chrono::Duration) -> Result<(), ServiceError> {
    if step.petition.reopening != RequestState::Asked {
        return Err(ErrorCode::NoReopeningAsked.into());
    }
    let request = requests::newest(step.connection, step.ctx.petition.id, RequestKind::Reopening)?;
    let request = request.ok_or(ErrorCode::NoReopeningAsked)?;
    let decider = step.account()?.account_id;
    if !may_decide(step.connection, &step.ctx.petition, decider)? {
        return Err(ErrorCode::RequesterMayNotDecide.into());
    }
    let is_granted = matches!(decision, ReopeningDecision::Grant);
    requests::decide(step.connection, request.id, is_granted, step.ctx.now)?;
    step.entry.notify.push(Audience::Petitioner);
    match decision {
        ReopeningDecision::Grant => grant(step),
        ReopeningDecision::Deny(note) => {
            step.petition.reopening = RequestState::Denied;
            step.entry.note = Some(note.clone());
            if step.petition.status == Status::Answered {
                let sent = answers::sent(step.connection, step.ctx.petition.id)?.and_then(|answer| answer.answered_at);
                step.petition.system_due_at = Some(sent.unwrap_or(step.now).plus(close_after));
            }
            Ok(())
        }
    }
}

/// Returns whether an account may decide on the reopening request: neither the requester nor the petitioner may.
pub(super) fn may_decide(
    connection: &mut DbConnection,
    petition: &PetitionRow,
    decider: AccountId,
) -> Result<bool, ServiceError> {
    let asker = timeline::last_author(connection, petition.id, Action::Reopen)?;
    Ok(asker != Some(decider) && petition.account_id != Some(decider))
}

fn grant(step: &mut Step<'_>) -> Result<(), ServiceError> {
    let (rule_id, deadline) = step
        .directory
        .deadline(step.petition.category_id, step.petition.urgency, step.now)
        .map_err(|_| ServiceError::Internal("no deadline rule fits or the calendar has no sessions"))?;
    let mut stored = deadlines::find(step.connection, step.ctx.petition.id)?;
    stored.rule_id = rule_id;
    stored.calendar_version = deadline.calendar_version;
    stored.starts_at = step.now;
    stored.paused_working_ms = 0;
    stored.extended_until = None;
    stored.explanation = super::file::explanation(&deadline)?;
    deadlines::update(step.connection, &stored)?;
    step.petition.due_at = deadline.due_at;
    step.petition.status = Status::InProgress;
    step.petition.reopening = RequestState::Granted;
    step.petition.reopening_count += 1;
    if let Some(ended) = ended_holder(step) {
        return hand_over(step, &ended);
    }
    if let Some(document) = &mut step.document {
        document.status = DocumentStatus::InProgress;
        document.handed_on_at = None;
    }
    Ok(())
}
