//! The directory at work: the snapshot that everybody asks, its loading from files, and its changes by administrators.
//!
//! Every transaction that needs the directory gets it with [`current`]; every change takes place in [`change`], which lets
//! one change at a time through and raises the versions by which the other instances notice.

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

/// The directory as the transaction sees it.
pub fn current(app: &App, connection: &mut DbConnection) -> Result<Arc<Directory>, ServiceError> {
    Ok(app.directory.current(connection)?)
}

/// The directory of this moment, for answers that need nothing else from the database.
pub async fn snapshot(app: &App) -> Result<Arc<Directory>, ServiceError> {
    let for_closure = app.clone();
    app.db.read(move |connection| current(&for_closure, connection)).await
}

/// What a change of the directory has touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeScope {
    /// Nothing after all: no version is raised.
    Nothing,
    /// Anything but the calendar.
    Directory,
    /// The calendar, and with it the deadlines of open petitions.
    Calendar,
}

/// Runs one change of the directory inside of a writing transaction: other changes wait, the versions are raised, after
/// a change of the calendar the deadlines of open petitions are computed anew, each with an event (docs/contract.md §7.6), and what
/// was done is written into the audit record.
///
/// # Errors
/// Those of the work; whatever the database answers.
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

/// Accounts of one transaction.
const ACCOUNTS: i64 = 500;

/// Covers a directory and accounts that nobody has covered before, so that a change by hand shows from now on.
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

/// One change of an administrator, in a transaction of its own.
pub(crate) async fn admin_change<T, F>(app: &App, by: &AuditActor, work: F) -> Result<T, ServiceError>
where
    T: Send + 'static,
    F: Fn(&mut DbConnection, &Directory) -> Result<(T, ChangeScope, AuditEvent), ServiceError> + Send + 'static,
{
    let (for_closure, by) = (app.clone(), by.clone());
    app.db.in_background().write(move |connection| change(&for_closure, connection, &by, &work)).await
}

/// Something new by an administrator, once for each idempotency key.
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
