//! Refusing a petition with a reason, which the petitioner receives together with guidance.

use super::step::{StepContext, on_document, on_petition};
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{DocumentId, PetitionId};
use crate::kernel::text;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience, DocumentStatus, ReasonCode, Status};

/// A validated refusal.
#[derive(Debug, Clone)]
pub struct RefusalDecision {
    reason: ReasonCode,
    note: Option<String>,
}

impl RefusalDecision {
    /// Validates the input.
    ///
    /// # Errors
    /// A rule on `reason_code` or `note`; `no_reply` is a reason that only the system gives.
    pub fn check(reason: ReasonCode, note: Option<String>) -> Result<Self, ServiceError> {
        let mut problems = FieldProblems::default();
        if reason == ReasonCode::NoReply {
            problems.add("reason_code", FieldRule::NotAllowed);
        }
        let note = problems.take("note", note.map(|note| text::clean(&note, 1, 2000)).transpose()).flatten();
        problems.finish()?;
        Ok(Self { reason, note })
    }
}

/// Refuses the petition of a document; for a leader of the holding agency.
///
/// # Errors
/// See [`on_document`].
pub async fn refuse_document(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    decision: RefusalDecision,
) -> Result<DocumentId, ServiceError> {
    on_document(app, actor, id, version, Action::Refuse, move |step| {
        decide(step, decision.reason, decision.note.clone());
        Ok(())
    })
    .await
}

/// Refuses a petition; for the coordinator.
///
/// # Errors
/// See [`on_petition`].
pub async fn refuse_petition(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    decision: RefusalDecision,
) -> Result<PetitionId, ServiceError> {
    on_petition(app, caller, code, version, Action::Refuse, move |step| {
        decide(step, decision.reason, decision.note.clone());
        Ok(())
    })
    .await
}

/// Sets the petition to `refused` with the reason; also used by the system.
pub fn decide(ctx: &mut StepContext, reason: ReasonCode, note: Option<String>) {
    ctx.petition.status = Status::Refused;
    ctx.petition.paused_at = None;
    ctx.close_document(DocumentStatus::Refused);
    ctx.entry.add_detail("reason_code", reason.as_str());
    ctx.entry.note = note;
    ctx.entry.notify.push(Audience::Petitioner);
}
