//! The directory at work: the snapshot that everybody asks, its loading from files, and its changes by administrators.
//!
//! Every transaction that needs the directory gets it with [`current`]; every change takes place in [`change`], which lets
//! one change at a time through and raises the versions by which the other instances notice.

pub mod load_reference;

mod cache;

pub use cache::DirectoryCache;

use crate::app::App;
use crate::domain::directory::Directory;
use crate::services::error::ServiceError;
use crate::storage::directory::state;
use crate::storage::{DbConnection, StorageError};
use std::sync::Arc;

/// The directory as the transaction sees it.
///
/// # Errors
/// Whatever the database answers.
pub fn current(app: &App, connection: &mut DbConnection) -> Result<Arc<Directory>, ServiceError> {
    Ok(app.directory.current(connection)?)
}

/// What a change of the directory has touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// Nothing after all: no version is raised.
    Nothing,
    /// Anything but the calendar.
    Directory,
    /// The calendar, and with it the deadlines of open petitions.
    Calendar,
}

/// Runs one change of the directory inside of a writing transaction: other changes wait, the versions are raised, and after
/// a change of the calendar the deadlines of open petitions are computed anew, each with an event (contract, section 5).
///
/// # Errors
/// Those of the work; whatever the database answers.
pub fn change<T, E: From<ServiceError> + From<StorageError>>(
    app: &App,
    connection: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection, &Directory) -> Result<(T, Touched), E>,
) -> Result<T, E> {
    state::lock(connection)?;
    let before = current(app, connection)?;
    let (done, touched) = work(connection, &before)?;
    match touched {
        Touched::Nothing => {}
        Touched::Directory => state::raise(connection)?,
        Touched::Calendar => {
            state::raise_calendar(connection)?;
        }
    }
    Ok(done)
}
