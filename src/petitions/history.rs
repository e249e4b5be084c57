//! Importing a petition that another system has handled, with each step at its original time and without notifications.
//!
//! Takes validated input and stores the same rows as a petition handled here: through [`record`], with register of its
//! year, timeline, deadline and figures. The status changes must follow the lifecycle table. The officers are unknown
//! here, so the system is recorded as the author of the steps and an import account as author and approver of the
//! answer.

use super::accept;
use super::approve;
use super::close;
use super::decision::{FilingDecision, decide};
use super::draft::{self, Draft};
use super::event::FilingOrigin;
use super::file::new_petition_change;
use super::filing::Filing;
use super::rate;
use super::record::{RecordContext, record};
use super::refuse;
use super::step::as_it_was;
use super::submit;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::routing::Routing;
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, Actor};
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{AccountId, PetitionId};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::timeline::Author;
use crate::petitions::rules::{Action, ReasonCode, Status};
use crate::petitions::store::{answers, state};
use chrono::Datelike;

/// How a petition ended in the other system.
#[derive(Debug, Clone)]
pub enum PastEnding {
    /// Not ended: it is to be handled here.
    Open,
    /// Answered, and perhaps rated.
    Answered {
        draft: Draft,
        at: Instant,
        /// Score, comment and time of the rating.
        rating: Option<(i32, Option<String>, Instant)>,
    },
    /// Refused.
    Refused {
        reason: ReasonCode,
        /// Explanation in words.
        note: Option<String>,
        at: Instant,
    },
}

/// A petition of another system.
#[derive(Debug, Clone)]
pub struct ImportedPetition {
    pub filing: Filing,
    pub received_at: Instant,
    /// Code of the agency that held it on that day; `None` lets the routing rules decide.
    pub agency: Option<String>,
    pub ending: PastEnding,
}

/// Checks that the directory knows every code the petition names, as of its day.
///
/// # Errors
/// Rules on `category`, `area` and `agency`; on `received_at` when no deadline can be computed for that time.
pub fn fits(directory: &Directory, past: &ImportedPetition) -> Result<(), ServiceError> {
    decided(directory, past).map(drop)
}

fn decided(directory: &Directory, past: &ImportedPetition) -> Result<FilingDecision, ServiceError> {
    let on = past.received_at.local_date();
    let mut decision = decide(directory, &past.filing, past.received_at).map_err(|error| match error {
        ServiceError::Internal(_) => ServiceError::invalid("received_at", FieldRule::NotInForce(on)),
        other => other,
    })?;
    if let Some(code) = &past.agency {
        let rule = if directory.knows_agency_code(code) { FieldRule::NotInForce(on) } else { FieldRule::UnknownCode };
        let agency = directory.agency_by_code(code, on).ok_or_else(|| ServiceError::invalid("agency", rule))?;
        decision.routing = Routing { agency_id: Some(agency.id), rule_id: None };
    }
    if decision.routing.agency_id.is_none() && !matches!(past.ending, PastEnding::Open) {
        return Err(ServiceError::invalid("agency", FieldRule::Required));
    }
    Ok(decision)
}

/// Stores a petition with its whole history; `account` is recorded as author and approver of the answer, `origin` is
/// its id in the other system.
///
/// # Errors
/// Those of [`fits`].
pub fn enter(
    app: &App,
    connection: &mut DbConnection,
    past: &ImportedPetition,
    account: AccountId,
    origin: FilingOrigin,
) -> Result<PetitionId, ServiceError> {
    let directory = directory::current(app, connection)?;
    let decision = decided(&directory, past)?;
    let code = free_code(app, connection, past.received_at)?;
    let author = (Author::petitioner(None), None);
    let mut change = new_petition_change(&directory, &past.filing, &decision, &code, author, past.received_at)?;
    if let Some(filed) = &mut change.filed {
        filed.origin = Some(origin);
    }
    let agency = decision.routing.agency_id;
    let ctx = RecordContext { is_history: true, ..app.record_context(&directory, None) };
    let (petition, _) = record(connection, ctx, change)?;
    let by = Actor { account_id: account, kind: AccountKind::Officer, roles: Vec::new(), agency_id: agency };
    end(app, connection, petition.id, &past.ending, &by)?;
    Ok(petition.id)
}

/// Draws an unused code; a taken code would abort the whole import transaction.
fn free_code(app: &App, connection: &mut DbConnection, received_at: Instant) -> Result<PetitionCode, ServiceError> {
    loop {
        let code = PetitionCode::new(received_at.local_date().year(), app.entropy.bits());
        if state::find_by_code(connection, code.as_str())?.is_none() {
            return Ok(code);
        }
    }
}

fn end(app: &App, connection: &mut DbConnection, id: PetitionId, ending: &PastEnding, by: &Actor) -> Result<(), ServiceError> {
    match ending {
        PastEnding::Open => Ok(()),
        PastEnding::Refused { reason, note, at } => as_it_was(app, connection, (id, Action::Refuse, *at), by, |step| {
            refuse::decide(step, *reason, note.clone());
            Ok(())
        }),
        PastEnding::Answered { draft, at, rating } => {
            answer(app, connection, id, draft, *at, by)?;
            match rating {
                Some((score, comment, at)) => as_it_was(app, connection, (id, Action::Rate, *at), by, |step| {
                    let mut answer = answers::sent(step.connection, id)?.ok_or(StorageError::Missing)?;
                    rate::decide(step, &mut answer, *score, comment.clone());
                    Ok(answers::update(step.connection, &answer)?)
                }),
                None => close_in_time(app, connection, id, by),
            }
        }
    }
}

fn answer(
    app: &App,
    connection: &mut DbConnection,
    id: PetitionId,
    content: &Draft,
    at: Instant,
    by: &Actor,
) -> Result<(), ServiceError> {
    as_it_was(app, connection, (id, Action::Accept, at), by, |step| {
        accept::decide(step);
        Ok(())
    })?;
    as_it_was(app, connection, (id, Action::Draft, at), by, |step| {
        let answer = draft::decide(step, content, None)?;
        Ok(answers::insert(step.connection, &answer)?)
    })?;
    as_it_was(app, connection, (id, Action::Submit, at), by, |step| {
        submit::decide(step);
        Ok(())
    })?;
    as_it_was(app, connection, (id, Action::Approve, at), by, |step| {
        let answer = answers::draft(step.connection, id)?.ok_or(StorageError::Missing)?;
        approve::send(step, answer)
    })
}

/// Closes an answered petition at the time it was due, so that the worker does not close it later.
fn close_in_time(app: &App, connection: &mut DbConnection, id: PetitionId, by: &Actor) -> Result<(), ServiceError> {
    let petition = state::find(connection, id)?.ok_or(StorageError::Missing)?;
    let due = petition.system_due_at.filter(|due| *due <= app.now() && petition.status == Status::Answered);
    due.map_or(Ok(()), |due| {
        as_it_was(app, connection, (id, Action::Close, due), by, |step| {
            close::decide(step);
            Ok(())
        })
    })
}
