//! Transfer to another agency, as a new incoming document there.
//!
//! The third hop goes to the coordinator instead: a petition sent from desk to desk needs a decision (docs/contract.md
//! §4.4). A transfer is not an answer, and the deadline stays.

use super::step::{StepContext, on_document};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AgencyId, DocumentId};
use crate::kernel::text;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// The hop that goes to the coordinator.
const HOP_TO_COORDINATOR: i32 = 3;

/// Transfers a document to the agency with this code.
///
/// # Errors
/// `UnknownCode` or `NotInForce` on `agency`, [`ErrorCode::SameAgency`]; otherwise see [`on_document`].
pub async fn transfer(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    agency: String,
    reason: String,
) -> Result<DocumentId, ServiceError> {
    let reason = text::clean(&reason, 1, 2000);
    on_document(app, actor, id, version, Action::Transfer, move |step| {
        let today = step.now.local_date();
        let code = agency.trim();
        let target = step.directory.agency_by_code(code, today).ok_or_else(|| {
            let known = step.directory.knows_agency_code(code);
            if known { FieldRule::NotInForce(today) } else { FieldRule::UnknownCode }
        });
        let mut problems = FieldProblems::default();
        let target = problems.take("agency", target.map(|target| (target.id, target.code.clone())));
        let reason = problems.take("reason", reason.clone());
        problems.finish()?;
        let (Some((target_id, target_code)), Some(reason)) = (target, reason) else {
            return Err(ServiceError::Internal("a transfer without a problem and without an agency"));
        };
        if step.petition.agency_id == Some(target_id) {
            return Err(ErrorCode::SameAgency.into());
        }
        decide(step, target_id, target_code, reason);
        Ok(())
    })
    .await
}

/// Hands the petition to the target agency, or to the coordinator at the third hop.
pub fn decide(ctx: &mut StepContext, target: AgencyId, code: String, reason: String) {
    ctx.petition.hop_count += 1;
    ctx.petition.assignee_id = None;
    ctx.close_document(DocumentStatus::Transferred);
    ctx.entry.note = Some(reason);
    ctx.entry.add_detail("agency", code);
    if ctx.petition.hop_count >= HOP_TO_COORDINATOR {
        ctx.petition.status = Status::Received;
        ctx.petition.agency_id = None;
        ctx.entry.add_detail("to_coordinator", true);
        ctx.entry.notify = vec![Audience::Petitioner, Audience::Coordinator];
    } else {
        ctx.petition.status = Status::Assigned;
        ctx.hand_to = Some(target);
        ctx.entry.notify = vec![Audience::Petitioner, Audience::Agency];
    }
}
