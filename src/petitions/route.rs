//! Routing by the coordinator: gives a petition that no rule routed, or that came back, to an agency.

use super::step::on_petition;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience, Status};

/// Routes a petition to the agency with this code.
///
/// # Errors
/// `UnknownCode` or `NotInForce` on `agency`; otherwise see [`on_petition`].
pub async fn route(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    agency: String,
) -> Result<PetitionId, ServiceError> {
    on_petition(app, caller, code, version, Action::Route, move |step| {
        let today = step.now.local_date();
        let wanted = agency.trim();
        let target = step.directory.agency_by_code(wanted, today).ok_or_else(|| {
            let known = step.directory.knows_agency_code(wanted);
            ServiceError::invalid("agency", if known { FieldRule::NotInForce(today) } else { FieldRule::UnknownCode })
        })?;
        let (target_id, target_code) = (target.id, target.code.clone());
        step.petition.status = Status::Assigned;
        step.hand_to = Some(target_id);
        step.entry.add_detail("agency", target_code);
        step.entry.notify = vec![Audience::Petitioner, Audience::Agency];
        Ok(())
    })
    .await
}
