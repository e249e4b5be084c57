//! The petitioner takes the petition back before it is answered; its register number stays, voided.

use super::step::{Desk, on_petition};
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::ids::PetitionId;
use crate::kernel::refusal::Refusal;
use crate::kernel::text;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};
use crate::petitions::store;

/// Withdraws a petition.
///
/// # Errors
/// A rule on `reason`, [`Refusal::WrongState`] once it was answered, [`Refusal::OthersWait`]; otherwise see [`on_petition`].
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
        // A reopened petition has had its answer: the contract allows withdrawal only before.
        if step.petition.first_answered_at.is_some() {
            return Err(Refusal::WrongState.into());
        }
        // Others wait for the answer to this one.
        if !store::list::duplicates_of(step.connection, step.desk.petition.id)?.is_empty() {
            return Err(Refusal::OthersWait.into());
        }
        decide(step, reason.clone());
        Ok(())
    })
    .await
}

/// Takes it back.
pub fn decide(desk: &mut Desk, reason: Option<String>) {
    desk.petition.status = Status::Withdrawn;
    desk.petition.paused_at = None;
    desk.document_leaves(DocumentStatus::Voided);
    desk.entry.note = reason;
    desk.entry.notify.push(if desk.petition.agency_id.is_some() { Audience::Agency } else { Audience::Coordinator });
}
