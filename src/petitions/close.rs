//! Automatic steps of the system: it refuses a waiting petition that got no reply and closes an answered one after its
//! period.

use super::refuse;
use super::step::{self, StepContext, by_system};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::{Action, ReasonCode, Status};
use crate::petitions::store::{list, state};

/// Returns the row numbers of at most `limit` petitions on which the system must act by now.
pub async fn due(app: &App, limit: i64) -> Result<Vec<PetitionId>, ServiceError> {
    let now = app.now();
    app.db.read(move |connection| Ok(list::system_due(connection, now, limit)?)).await
}

/// Performs the automatic step that is due on a petition, if it is still due; returns whether it did.
///
/// Safe to call from two instances at once: the second finds nothing to do.
pub async fn act(app: &App, id: PetitionId) -> Result<bool, ServiceError> {
    let now = app.now();
    let app_ = app.clone();
    app.db
        .write(move |connection| {
            let Some(petition) = state::find_for_change(connection, id)? else { return Ok(false) };
            if petition.system_due_at.is_none_or(|due| due > now) {
                return Ok(false);
            }
            match petition.status {
                Status::WaitingForPetitioner => no_reply(&app_, connection, id, now)?,
                Status::Answered => close(&app_, connection, id, now)?,
                _ => return Ok(false),
            }
            Ok::<_, ServiceError>(true)
        })
        .await
        .map_err(step::stale_to_error_code)
}

fn no_reply(app: &App, connection: &mut crate::db::DbConnection, id: PetitionId, now: Instant) -> Result<(), ServiceError> {
    by_system(app, connection, id, Action::NoReply, now, |step| {
        refuse::decide(step, ReasonCode::NoReply, None);
        Ok(())
    })?;
    Ok(())
}

fn close(app: &App, connection: &mut crate::db::DbConnection, id: PetitionId, now: Instant) -> Result<(), ServiceError> {
    by_system(app, connection, id, Action::Close, now, |step| {
        decide(step);
        Ok(())
    })?;
    Ok(())
}

/// Closes the petition after its period without a further request.
pub fn decide(ctx: &mut StepContext) {
    ctx.petition.status = Status::Closed;
}
