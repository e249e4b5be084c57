//! The directory module: the shared snapshot, loading it from files, and changes by administrators.
//!
//! A transaction gets the directory with [`current`]; every change runs in [`change`], which serializes changes and
//! raises the versions by which other instances notice them.

pub mod agencies;
pub mod areas;
mod cache;
pub mod calendar;
pub mod categories;
pub mod checks;
pub mod deadline_rules;
pub mod dry_run;
pub mod http;
pub mod load_reference;
pub mod routing_rules;
pub mod rules;
pub mod store;

pub use cache::DirectoryCache;

use crate::accounts::store::account_digest::renew_missing;
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::idempotency::{RequestKey, once};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::directory::store::{directory_digests, load, state};
use crate::petitions;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Returns the directory as the transaction sees it.
pub fn current(app: &App, connection: &mut DbConnection) -> Result<Arc<Directory>, ServiceError> {
    Ok(app.directory.current(connection)?)
}

/// Returns the current directory, for requests that need nothing else from the database.
pub async fn snapshot(app: &App) -> Result<Arc<Directory>, ServiceError> {
    let for_closure = app.clone();
    app.db.read(move |connection| current(&for_closure, connection)).await
}

/// What a change of the directory affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeScope {
    /// Nothing; no version is raised.
    Nothing,
    /// Anything except the calendar.
    Directory,
    /// The calendar, and so the deadlines of open petitions.
    Calendar,
}

/// Runs one change of the directory inside a write transaction: takes the lock against concurrent changes, raises
/// the versions, recomputes the deadlines of open petitions after a calendar change, each with an event
/// (docs/contract.md §7.6), and writes the audit record.
///
/// # Errors
/// Those of the closure; database errors.
pub fn change<T, E: From<ServiceError> + From<StorageError>>(
    app: &App,
    connection: &mut DbConnection,
    by: &AuditActor,
    work: impl FnOnce(&mut DbConnection, &Directory) -> Result<(T, ChangeScope, AuditEvent), E>,
) -> Result<T, E> {
    state::lock(connection)?;
    let before = current(app, connection)?;
    let (done, touched, mut event) = work(connection, &before)?;
    match touched {
        ChangeScope::Nothing => {}
        ChangeScope::Directory => state::raise(connection)?,
        ChangeScope::Calendar => {
            state::raise_calendar(connection)?;
            let after = Directory::new(load(connection)?);
            let moved = petitions::recompute_deadlines(app, connection, &after, app.now())?;
            event = event.with("deadlines_moved", moved);
        }
    }
    if let Some(hash) = directory_digests::append(connection, app.now())? {
        event = event.with(directory_digests::IN_AUDIT, hash);
    }
    audit::write(connection, by, app.now(), &event)?;
    Ok(done)
}

/// Accounts per transaction.
const ACCOUNTS: i64 = 500;

/// Stores the missing digests of the directory and of accounts, so that later manual changes in the database are
/// detected.
pub async fn ensure_digested(app: &App) -> Result<(), ServiceError> {
    while app.db.write(|connection| renew_missing(connection, ACCOUNTS)).await? > 0 {}
    if !app.db.read(directory_digests::all).await?.is_empty() {
        return Ok(());
    }
    let now = app.now();
    let work = move |connection: &mut DbConnection| {
        state::lock(connection)?;
        directory_digests::append(connection, now).map(drop)
    };
    Ok(app.db.write(work).await?)
}

/// Runs one change by an administrator in its own transaction.
pub(crate) async fn admin_change<T, F>(app: &App, by: &AuditActor, work: F) -> Result<T, ServiceError>
where
    T: Send + 'static,
    F: Fn(&mut DbConnection, &Directory) -> Result<(T, ChangeScope, AuditEvent), ServiceError> + Send + 'static,
{
    let (for_closure, by) = (app.clone(), by.clone());
    app.db.in_background().write(move |connection| change(&for_closure, connection, &by, &work)).await
}

/// Creates something on behalf of an administrator, once per idempotency key.
pub(crate) async fn admin_create<T, F>(app: &App, by: &AuditActor, key: Option<RequestKey>, work: F) -> Result<T, ServiceError>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    F: Fn(&mut DbConnection, &Directory) -> Result<(T, ChangeScope, AuditEvent), ServiceError> + Send + 'static,
{
    let (for_closure, by) = (app.clone(), by.clone());
    let now = app.now();
    let create = move |connection: &mut DbConnection| {
        once(connection, key.as_ref(), "", now, |connection, _| change(&for_closure, connection, &by, &work))
    };
    Ok(app.db.write(create).await?.body)
}
