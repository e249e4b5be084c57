//! Reference data: enters as four CSV files, leaves as rows of the directory.
//!
//! Called on every start ([`ensure_loaded`], which loads the files of the binary into an empty database) and by
//! `pakn load-reference` ([`load`]). All or nothing: every fault of every file is reported, and with a single one nothing
//! is stored.

pub mod problem;
pub mod reference;

mod default_rules;
pub(crate) mod lines;
pub(crate) mod sheet;
mod store;

pub use default_rules::{POSITION_STEP, default_rule_of};
pub use problem::LoadProblem;
pub use reference::ReferenceFiles;
pub use store::LoadSummary;

use super::change;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{AsStorageError, StorageError};
use chrono::NaiveDate;
use std::sync::Arc;

/// Why nothing was loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Everything that is wrong with the files.
    #[error("{} problems in the reference data", .0.len())]
    Faulty(Vec<LoadProblem>),
    /// The shelves failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StorageError> for LoadError {
    fn from(error: StorageError) -> Self {
        Self::Service(error.into())
    }
}

impl AsStorageError for LoadError {
    fn as_storage_error(&self) -> Option<&StorageError> {
        match self {
            Self::Service(error) => error.as_storage_error(),
            Self::Faulty(_) => None,
        }
    }
}

/// The day from which the default directory is in force: before the first year of figures, and no reform in between.
fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2015, 1, 1).unwrap_or_default()
}

/// Brings the directory to what the files say.
///
/// # Errors
/// Every fault of the files; those of the database.
pub async fn load(app: &App, by: &AuditActor, files: &ReferenceFiles) -> Result<LoadSummary, LoadError> {
    let reference = Arc::new(reference::read(files).map_err(LoadError::Faulty)?);
    let (for_closure, by) = (app.clone(), by.clone());
    app.db
        .in_background()
        .write(move |connection| {
            change(&for_closure, connection, &by, |connection, before| -> Result<_, LoadError> {
                let mut summary = store::store(connection, before, &reference, first_day())?;
                default_rules::complete(connection, first_day(), &mut summary)?;
                let event = AuditEvent::new("load_reference", "directory", "reference");
                let event = event.with("added", summary.added).with("changed", summary.changed).with("unchanged", summary.kept);
                Ok((summary, summary.touched(), event))
            })
        })
        .await
}

/// Loads the files of the binary when the directory is empty; later starts leave it to the administrators.
///
/// # Errors
/// Those of [`load`].
pub async fn ensure_loaded(app: &App) -> Result<(), LoadError> {
    let cache = app.directory.clone();
    let is_empty =
        app.db.read(move |connection| -> Result<bool, StorageError> { Ok(cache.current(connection)?.agencies().is_empty()) });
    if is_empty.await? {
        let summary = load(app, &AuditActor::operator(), &ReferenceFiles::embedded()).await?;
        tracing::info!(added = summary.added, "reference data loaded");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
