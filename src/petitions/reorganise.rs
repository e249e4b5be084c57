//! Moves a petition whose agency a reform has ended to the successor, as a new incoming document.
//!
//! Called by `reform` for every open petition of the ended agencies, and by a granted reopening. Where tasks were
//! divided, the place of the case selects the successor. A petition without successor goes to the coordinator's desk.
//! The deadline stays, as does a pending question with its pause. The move does not count as a hop, because nobody
//! transferred the petition.

use super::reply::resume_clock;
use super::step::{Step, by_system};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::agency::Agency;
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::{Action, Audience, DocumentStatus, Status};

/// Moves one open petition from an ended agency, in the transaction of the reform.
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

/// Returns the agency that holds the petition if it is no longer in force.
#[must_use]
pub fn ended_holder(step: &Step<'_>) -> Option<Agency> {
    let holder = step.petition.agency_id.and_then(|id| step.directory.agency(id));
    holder.filter(|agency| agency.validity.ended_before(step.now.local_date())).cloned()
}

/// Hands the petition of an ended agency to today's successor.
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
        // Nobody on the coordinator's desk waits for the reply, so the clock must run again.
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
