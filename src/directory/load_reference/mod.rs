//! Loads reference data: four CSV files become rows of the directory.
//!
//! Called on every start ([`ensure_loaded`], which loads the embedded files into an empty database) and by `pakn
//! load-reference` ([`load`]). All or nothing: every error of every file is reported, and if there is one, nothing
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
    /// All errors of the files.
    #[error("{} problems in the reference data", .0.len())]
    Faulty(Vec<LoadProblem>),
    /// A database error.
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

/// First day of the default directory: before the first year of statistics, with no reform in between.
fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2015, 1, 1).unwrap_or_default()
}

/// Updates the directory to the contents of the files.
///
/// # Errors
/// All errors of the files; database errors.
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

/// Loads the embedded files if the directory is empty; later starts change nothing, since administrators maintain
/// it.
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
