//! Withdrawal by the petitioner before an answer; the register number stays, marked as voided.

use super::step::{StepContext, on_petition};
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::PetitionId;
use crate::kernel::text;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};
use crate::petitions::store;

/// Withdraws a petition.
///
/// # Errors
/// A rule on `reason`, [`ErrorCode::WrongState`] once it was answered, [`ErrorCode::OthersWait`]; otherwise see [`on_petition`].
pub async fn withdraw(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    reason: Option<String>,
) -> Result<PetitionId, ServiceError> {
    let reason = reason.map(|reason| text::clean(&reason, 1, 2000)).transpose();
    let reason = reason.map_err(|rule| ServiceError::invalid("reason", rule))?;
    on_petition(app, caller, code, version, Action::Withdraw, move |step| {
        // A reopened petition has had an answer: docs/contract.md §4.10 allows withdrawal only before the first.
        if step.petition.first_answered_at.is_some() {
            return Err(ErrorCode::WrongState.into());
        }
        // Petitioners of duplicates wait for the answer to this petition.
        if !store::list::duplicates_of(step.connection, step.ctx.petition.id)?.is_empty() {
            return Err(ErrorCode::OthersWait.into());
        }
        decide(step, reason.clone());
        Ok(())
    })
    .await
}

/// Sets the petition to `withdrawn`.
pub fn decide(ctx: &mut StepContext, reason: Option<String>) {
    ctx.petition.status = Status::Withdrawn;
    ctx.petition.paused_at = None;
    ctx.close_document(DocumentStatus::Voided);
    ctx.entry.note = reason;
    ctx.entry.notify.push(if ctx.petition.agency_id.is_some() { Audience::Agency } else { Audience::Coordinator });
}
