//! A reform of agencies and areas given as data: takes three CSV files and a day, returns a [`ReformReport`].
//!
//! Called by `pakn reorganise` and `POST /admin/reorganisations`. Old agencies and areas end on the day before, new
//! ones begin; open petitions, officers and routing rules move to the successors. All or nothing: one transaction, and
//! every error of every file is reported at once. A second run changes nothing. There are no answer templates yet that
//! could move.

pub mod http;
mod moves;
mod plan;
mod read;
pub mod report;
mod routing;
mod write;

pub use read::{ReformFile, ReformFiles};
pub use report::ReformReport;

use crate::accounts::store::officers;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, dialect};
use crate::directory::load_reference::LoadError;
use crate::directory::rules::directory::Directory;
use crate::directory::store::load;
use crate::directory::{ChangeScope, change, checks, current};
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use crate::petitions::reorganise::move_to_successor;
use chrono::NaiveDate;
use std::sync::Arc;

/// Applies a reform whose first day is `on`.
///
/// # Errors
/// Every error in the files; [`ErrorCode::ReformToCome`] for a day in the future, because petitions move at once;
/// database errors.
pub async fn reorganise(app: &App, by: &AuditActor, files: ReformFiles, on: NaiveDate) -> Result<ReformReport, LoadError> {
    let now = app.now();
    checks::day(on).map_err(|rule| ServiceError::invalid("on", rule))?;
    if on > now.local_date() {
        return Err(ServiceError::from(ErrorCode::ReformToCome).into());
    }
    let (app_, by, files) = (app.clone(), by.clone(), Arc::new(files));
    let report = app
        .db
        .write(move |connection| {
            change(&app_, connection, &by, |connection, before| apply(&app_, connection, before, &files, on, now))
        })
        .await?;
    tracing::info!(%on, petitions = report.petitions_moved, officers = report.officers_moved, "reorganisation applied");
    Ok(report)
}

fn apply(
    app: &App,
    connection: &mut DbConnection,
    before: &Directory,
    files: &ReformFiles,
    on: NaiveDate,
    now: Instant,
) -> Result<(ReformReport, ChangeScope, AuditEvent), LoadError> {
    let plan = plan::plan(files, before, on).map_err(LoadError::Faulty)?;
    // Lock: from here on no petition can be entered at an agency that ends.
    dialect::lock::every_petition(connection)?;
    write::store(connection, &plan)?;
    let after = Directory::new(load(connection)?);
    let moves = moves::moves(connection, &after, &plan.emptied, now.local_date())?;
    for (petition, ended, successor) in &moves.petitions {
        let ended = after.agency(*ended).ok_or(ServiceError::Internal("an agency was read and is gone"))?;
        move_to_successor(app, connection, *petition, ended, successor.and_then(|id| after.agency(id)), now)?;
    }
    for (ended, (successor, _)) in &moves.officers {
        if let Some(successor) = successor {
            officers::move_all(connection, *ended, *successor)?;
        }
    }
    let touched = if plan.is_done() { ChangeScope::Nothing } else { ChangeScope::Directory };
    let report = ReformReport::of(&plan, &moves, &after, on, false);
    let event = AuditEvent::new("reorganise_agencies", "reorganisation", on).created(&report);
    Ok((report, touched, event))
}

/// Returns the report that [`reorganise`] would give for that day, or today; stores nothing.
///
/// # Errors
/// Every error in the files; database errors.
pub async fn dry_run(app: &App, files: ReformFiles, on: NaiveDate) -> Result<ReformReport, LoadError> {
    checks::day(on).map_err(|rule| ServiceError::invalid("on", rule))?;
    let day = on.max(app.now().local_date());
    let app_ = app.clone();
    app.db
        .read(move |connection| {
            let before = current(&app_, connection)?;
            let plan = plan::plan(&files, &before, on).map_err(LoadError::Faulty)?;
            let moves = moves::moves(connection, &plan.after, &plan.emptied, day)?;
            Ok(ReformReport::of(&plan, &moves, &plan.after, on, true))
        })
        .await
}
