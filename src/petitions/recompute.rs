//! A change of the working calendar moves the deadlines of open petitions, each with an event; never those of closed ones.

use super::due::{count, due};
use super::file::explanation;
use super::step::by_system;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::deadline::{self, Deadline, DeadlineRule};
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::{Action, Audience};
use crate::petitions::store::{DeadlineRow, deadlines, state};

/// Computes the deadlines of all open petitions on the calendar of `directory`, in the transaction that changed it;
/// returns how many moved.
pub fn recompute_deadlines(
    app: &App,
    connection: &mut DbConnection,
    directory: &Directory,
    now: Instant,
) -> Result<usize, ServiceError> {
    let mut moved = 0;
    for id in deadlines::running(connection)? {
        let Some(petition) = state::find(connection, id)? else { continue };
        let stored = deadlines::find(connection, id)?;
        let before = count(&stored)?;
        let Some((due_at, stored)) = anew(directory, stored) else { continue };
        if due_at != petition.due_at {
            store(app, connection, id, due_at, &stored, now)?;
            moved += 1;
        } else if (Deadline { calendar_version: stored.calendar_version, ..before }) != count(&stored)? {
            // The same day in another way: nobody has to be told, but the explanation has to be right.
            deadlines::update(connection, &stored)?;
        }
    }
    Ok(moved)
}

fn store(
    app: &App,
    connection: &mut DbConnection,
    id: PetitionId,
    due_at: Instant,
    stored: &DeadlineRow,
    now: Instant,
) -> Result<(), ServiceError> {
    by_system(app, connection, id, Action::RecomputeDeadline, now, |step| {
        deadlines::update(step.connection, stored)?;
        step.ctx.entry.add_detail("before", step.ctx.petition.due_at.to_rfc3339());
        step.entry.add_detail("calendar_version", stored.calendar_version);
        step.petition.due_at = due_at;
        step.entry.notify.push(Audience::Agency);
        Ok(())
    })?;
    Ok(())
}

/// The deadline on another calendar, by the rule that was applied; none when that rule or calendar gives none.
fn anew(directory: &Directory, mut stored: DeadlineRow) -> Option<(Instant, DeadlineRow)> {
    let calendar = directory.calendar();
    let applied = count(&stored).ok()?;
    // The amount that was promised then, not the one that the rule or the category has today.
    let rule = DeadlineRule { unit: applied.unit, ..directory.deadline_rule(stored.rule_id)?.clone() };
    let computed = deadline::compute(&rule, applied.amount, stored.starts_at, calendar).ok()?;
    stored.calendar_version = computed.calendar_version;
    stored.explanation = explanation(&computed).ok()?;
    let due_at = due(&stored, &computed, calendar).ok()?.due_at;
    Some((due_at, stored))
}
