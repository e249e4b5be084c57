//! A step in progress: what a use case may read and change.
//!
//! [`on_document`], [`on_petition`] and [`by_system`] load the petition, check permission and state in the lifecycle
//! table, run the decision of the use case and pass the result to [`record`], all in one transaction.

use super::duplicates;
use super::record::{RecordContext, StepChange, StepEntry, record};
use super::step_digests::StepDigests;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::audit::AuditActor;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AgencyId, DocumentId, PetitionId};
use crate::petitions::access;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::timeline::Author;
use crate::petitions::rules::{Action, DocumentStatus, lifecycle};
use crate::petitions::store::documents::{self, DocumentRow};
use crate::petitions::store::{self, PetitionRow, timeline};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The context of a step: everything a decision may read and change without querying the database.
pub struct StepContext {
    pub directory: Arc<Directory>,
    /// One instant used for everything the step writes.
    pub now: Instant,
    /// The signed-in account, if any.
    pub actor: Option<Actor>,
    /// The petition as read; the decision changes it.
    pub petition: PetitionRow,
    /// Its current document; the decision changes it.
    pub document: Option<DocumentRow>,
    /// The agency in whose register the petition is to be entered.
    pub hand_to: Option<AgencyId>,
    pub entry: StepEntry,
}

impl StepContext {
    /// Sets the status of the current document.
    pub fn set_document_status(&mut self, status: DocumentStatus) {
        if let Some(document) = &mut self.document {
            document.status = status;
        }
    }

    /// Sets the final status of the current document and when it left the desk.
    pub fn close_document(&mut self, status: DocumentStatus) {
        let now = self.now;
        if let Some(document) = &mut self.document {
            document.status = status;
            document.handed_on_at = Some(now);
        }
    }

    /// Returns the current document.
    ///
    /// # Errors
    /// [`ErrorCode::WrongState`] when no agency holds the petition.
    pub fn held_document(&self) -> Result<&DocumentRow, ServiceError> {
        self.document.as_ref().filter(|_| self.petition.agency_id.is_some()).ok_or_else(|| ErrorCode::WrongState.into())
    }

    /// Returns the acting account.
    ///
    /// # Errors
    /// [`ErrorCode::NotSignedIn`] when there is none.
    pub fn account(&self) -> Result<&Actor, ServiceError> {
        self.actor.as_ref().ok_or_else(|| ErrorCode::NotSignedIn.into())
    }

    /// Builds the change to store from the decision and the petition as it was before.
    #[must_use]
    pub fn into_change(self, before: PetitionRow) -> StepChange {
        let Self { petition, document, hand_to, entry, .. } = self;
        StepChange { before: Some(before), after: petition, document, hand_to, entry, cover: StepDigests::default(), filed: None }
    }
}

/// A step on one petition, inside its transaction.
pub struct Step<'c> {
    pub connection: &'c mut DbConnection,
    pub ctx: StepContext,
    /// The officer for the audit record, when an officer takes the step.
    by: Option<AuditActor>,
    before: PetitionRow,
    is_history: bool,
}

impl Deref for Step<'_> {
    type Target = StepContext;

    fn deref(&self) -> &StepContext {
        &self.ctx
    }
}

impl DerefMut for Step<'_> {
    fn deref_mut(&mut self) -> &mut StepContext {
        &mut self.ctx
    }
}

impl Step<'_> {
    fn finish(self, app: &App) -> Result<(PetitionRow, Option<DocumentRow>), ServiceError> {
        let directory = Arc::clone(&self.ctx.directory);
        let ctx = RecordContext { is_history: self.is_history, ..app.record_context(&directory, self.by.as_ref()) };
        let (was, now) = (self.before.status, self.ctx.now);
        let reason = self.ctx.entry.detail.get(duplicates::REASON).and_then(|reason| reason.as_str()?.parse().ok());
        let recorded = record(self.connection, ctx, self.ctx.into_change(self.before))?;
        // Petitioners of duplicates are notified however the original ends.
        if recorded.0.status != was && duplicates::ending(was).is_none() {
            duplicates::notify_duplicates(app, self.connection, &recorded.0, reason, now)?;
        }
        Ok(recorded)
    }
}

/// Loads a petition and starts a step on it as the system.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`].
pub fn begin<'c>(
    app: &App,
    connection: &'c mut DbConnection,
    id: PetitionId,
    action: Action,
    now: Instant,
) -> Result<Step<'c>, ServiceError> {
    let directory = directory::current(app, connection)?;
    let petition = store::state::find_for_change(connection, id)?.ok_or(ErrorCode::PetitionNotFound)?;
    let document = documents::state::newest_of(connection, id)?.filter(|_| petition.agency_id.is_some());
    // The clock may be set back; an entry must never be earlier than its predecessor.
    let now = now.max(timeline::last(connection, id, petition.version)?.at);
    let entry = StepEntry::new(action, Author::SYSTEM, now);
    let before = petition.clone();
    let ctx = StepContext { directory, now, actor: None, petition, document, hand_to: None, entry };
    Ok(Step { connection, ctx, by: None, before, is_history: false })
}

/// Runs a decision as the system, inside a transaction the caller opened.
///
/// # Errors
/// [`ErrorCode::WrongState`] when the table does not allow it, or whatever the decision returns.
pub fn by_system<F>(
    app: &App,
    connection: &mut DbConnection,
    id: PetitionId,
    action: Action,
    now: Instant,
    decide: F,
) -> Result<(PetitionRow, Option<DocumentRow>), ServiceError>
where
    F: FnOnce(&mut Step<'_>) -> Result<(), ServiceError>,
{
    let mut step = begin(app, connection, id, action, now)?;
    lifecycle::permit(action, step.petition.status, &[lifecycle::Capacity::System])?;
    decide(&mut step)?;
    step.finish(app)
}

/// Runs a step of another system at its original time; checks the state, not the capacity.
///
/// # Errors
/// [`ErrorCode::WrongState`] when the table does not allow it, or whatever the decision returns.
pub fn as_it_was<F>(
    app: &App,
    connection: &mut DbConnection,
    (id, action, at): (PetitionId, Action, Instant),
    by: &Actor,
    decide: F,
) -> Result<(), ServiceError>
where
    F: FnOnce(&mut Step<'_>) -> Result<(), ServiceError>,
{
    let mut step = begin(app, connection, id, action, at)?;
    lifecycle::permit(action, step.petition.status, lifecycle::Capacity::ALL)?;
    step.actor = Some(by.clone());
    step.is_history = true;
    decide(&mut step)?;
    step.finish(app)?;
    Ok(())
}

/// Runs an officer's decision on the petition of a document and returns the named document after it, even if the
/// petition has moved to another register.
///
/// # Errors
/// [`ErrorCode::DocumentNotFound`] when the document is not in the register of the officer's agency,
/// [`ErrorCode::StaleVersion`], [`ErrorCode::RoleMissing`], [`ErrorCode::WrongState`], or whatever the decision returns.
pub async fn on_document<F>(
    app: &App,
    actor: &Actor,
    id: DocumentId,
    version: Option<i32>,
    action: Action,
    decide: F,
) -> Result<DocumentId, ServiceError>
where
    F: Fn(&mut Step<'_>) -> Result<(), ServiceError> + Send + 'static,
{
    let now = app.now();
    let (app_, actor, by) = (app.clone(), actor.clone(), AuditActor::account(actor));
    app.db
        .write(move |connection| {
            let named = documents::state::find(connection, id)?.filter(|document| actor.agency_id == Some(document.agency_id));
            let named = named.ok_or(ErrorCode::DocumentNotFound)?;
            let mut step = begin(&app_, connection, named.petition_id, action, now)?;
            // The row may have changed while waiting for the lock.
            let present = step.document.as_ref().filter(|document| document.id == id);
            if version.is_some_and(|version| version != present.map_or(named.version, |document| document.version)) {
                return Err(ErrorCode::StaleVersion.into());
            }
            let caller = Caller::account(actor.clone());
            let is_present = present.is_some();
            let capacities = access::capacities(&caller, &step.petition, None);
            if !is_present {
                return Err(ErrorCode::WrongState.into());
            }
            lifecycle::permit(action, step.petition.status, &capacities)?;
            step.entry.author = Author::officer(actor.account_id);
            step.actor = Some(actor.clone());
            step.by = Some(by.clone());
            decide(&mut step)?;
            step.finish(&app_)?;
            Ok::<_, ServiceError>(id)
        })
        .await
}

/// Runs the decision of a petitioner or a coordinator on a petition given by code.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`] when there is none or the caller may not know of it, [`ErrorCode::StaleVersion`],
/// [`ErrorCode::RoleMissing`], [`ErrorCode::WrongState`], or whatever the decision returns.
pub async fn on_petition<F>(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    action: Action,
    decide: F,
) -> Result<PetitionId, ServiceError>
where
    F: Fn(&mut Step<'_>) -> Result<(), ServiceError> + Send + 'static,
{
    let now = app.now();
    let (app_, caller, code) = (app.clone(), caller.clone(), code.clone());
    let by = caller.actor.as_ref().map(AuditActor::account);
    app.db
        .write(move |connection| {
            let known = store::state::find_by_code(connection, code.as_str())?.ok_or(ErrorCode::PetitionNotFound)?;
            let tracking_hash = store::petitioners::tracking_hash(connection, known.id)?;
            let mut step = begin(&app_, connection, known.id, action, now)?;
            if !access::may_see_petition(&caller, &step.petition, tracking_hash.as_deref()) {
                return Err(ErrorCode::PetitionNotFound.into());
            }
            if version.is_some_and(|version| version != step.petition.version) {
                return Err(ErrorCode::StaleVersion.into());
            }
            let capacities = access::capacities(&caller, &step.petition, tracking_hash.as_deref());
            lifecycle::permit(action, step.petition.status, &capacities)?;
            step.entry.author = caller.author(capacities.contains(&lifecycle::Capacity::Petitioner));
            step.actor = caller.actor.clone();
            step.by.clone_from(&by);
            decide(&mut step)?;
            Ok::<_, ServiceError>(step.finish(&app_)?.0.id)
        })
        .await
}

/// Maps a version conflict to an error code, for callers that cannot retry.
#[must_use]
pub fn stale_to_error_code(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Storage(StorageError::Contention) => ErrorCode::StaleVersion.into(),
        other => other,
    }
}
