//! A reform has ended the agency that holds a petition: its successor gets it as a new incoming document.
//!
//! Called by `reform` for every open petition of the agencies that ended, and by a granted reopening.
//! Rules: the place of the case decides where tasks were divided; a petition without an heir goes to the coordinator's desk and
//! is never left behind; the deadline stays, and so does a question to the petitioner with its pause; a reform is no hop,
//! because nobody sent the petition away.

use super::reply::resume_clock;
use super::step::{Step, by_system};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::agency::Agency;
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Moves one open petition from an agency that has ended, in the transaction of the reform.
pub fn move_to_successor(
    app: &App,
    connection: &mut DbConnection,
    id: PetitionId,
    ended: &Agency,
    successor: Option<&Agency>,
    now: Instant,
) -> Result<(), ServiceError> {
    by_system(app, connection, id, Action::Reorganise, now, |step| leave(step, ended, successor))?;
    Ok(())
}

/// The agency that holds the petition, if it is not in force any more.
#[must_use]
pub fn ended_holder(step: &Step<'_>) -> Option<Agency> {
    let holder = step.petition.agency_id.and_then(|id| step.directory.agency(id));
    holder.filter(|agency| agency.validity.ended_before(step.now.local_date())).cloned()
}

/// Hands the petition of an agency that has ended to the successor of today.
pub fn hand_over(step: &mut Step<'_>, ended: &Agency) -> Result<(), ServiceError> {
    let successor = step.directory.successor_of(ended.id, step.petition.area_id, step.now.local_date()).cloned();
    leave(step, ended, successor.as_ref())
}

fn leave(step: &mut Step<'_>, ended: &Agency, successor: Option<&Agency>) -> Result<(), ServiceError> {
    step.petition.assignee_id = None;
    step.close_document(DocumentStatus::Transferred);
    step.entry.notify.retain(|audience| *audience != Audience::Petitioner);
    step.entry.notify.push(Audience::Petitioner);
    if let Some(successor) = successor {
        step.hand_to = Some(successor.id);
        if step.petition.status != Status::WaitingForPetitioner {
            step.petition.status = Status::Assigned;
        }
        step.entry.add_detail("agency", successor.code.clone());
        step.entry.note = Some(format!(
            "{} đã kết thúc hoạt động khi sắp xếp lại tổ chức bộ máy; phản ánh, kiến nghị được chuyển đến {} để tiếp tục giải quyết.",
            ended.name, successor.name
        ));
        step.entry.notify.push(Audience::Agency);
    } else {
        // On the coordinator's desk nobody waits for the reply, so that the clock has to go on.
        resume_clock(step)?;
        step.petition.status = Status::Received;
        step.petition.agency_id = None;
        step.entry.add_detail("to_coordinator", true);
        step.entry.note = Some(format!(
            "{} đã kết thúc hoạt động khi sắp xếp lại tổ chức bộ máy; phản ánh, kiến nghị được chuyển đến đầu mối điều phối của tỉnh \
             để giao cơ quan giải quyết.",
            ended.name
        ));
        step.entry.notify.push(Audience::Coordinator);
    }
    Ok(())
}
