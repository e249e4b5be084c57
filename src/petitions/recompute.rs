//! Recomputes the deadlines of open petitions after a change of the working calendar, with a timeline entry for each;
//! settled petitions are not changed.

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

/// Recomputes the deadlines of all open petitions on the calendar of `directory`, in the transaction that changed it;
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
            // The due date is the same, but the stored explanation must be updated; nobody is notified.
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

/// Returns the deadline on the new calendar by the rule that was applied; `None` when rule or calendar give none.
fn anew(directory: &Directory, mut stored: DeadlineRow) -> Option<(Instant, DeadlineRow)> {
    let calendar = directory.calendar();
    let applied = count(&stored).ok()?;
    // Keeps the amount promised then, not the present one of the rule or category.
    let rule = DeadlineRule { unit: applied.unit, ..directory.deadline_rule(stored.rule_id)?.clone() };
    let computed = deadline::compute(&rule, applied.amount, stored.starts_at, calendar).ok()?;
    stored.calendar_version = computed.calendar_version;
    stored.explanation = explanation(&computed).ok()?;
    let due_at = due(&stored, &computed, calendar).ok()?.due_at;
    Some((due_at, stored))
}
