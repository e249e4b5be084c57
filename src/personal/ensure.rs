//! Encrypts personal data stored in plain text by an older version, at the first start, and purges its remains
//! from the database files.

use super::rotate::reseal;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{StorageError, dialect, vault};

/// Petitioners per transaction.
const BATCH: i64 = 500;

/// Encrypts a database of an older version, and checks that the available keys are its keys.
///
/// Several instances may start at once: the instance that deletes the plain-text rows of a batch handles it. An
/// interrupted start resumes where it stopped.
///
/// # Errors
/// `Unavailable` when the keys are not those of the database.
pub async fn ensure_sealed(app: &App) -> Result<(), ServiceError> {
    if !app.db.read(vault::is_sealed).await? {
        seal_everything(app).await?;
    }
    Ok(app.db.read(vault::try_one).await?)
}

async fn seal_everything(app: &App) -> Result<(), ServiceError> {
    let mut petitioners = 0;
    loop {
        let moved = app.db.write(|connection| crate::personal::store::clear::seal_petitioners(connection, BATCH)).await?;
        petitioners += moved;
        if moved == 0 {
            break;
        }
    }
    let others = reseal(app, &mut |_| {}).await?;
    if petitioners + others.sealed > 0 {
        tracing::info!(petitioners, values = others.sealed, "personal data encrypted");
    }
    let url = app.db.url().clone();
    let scrubbed = tokio::task::spawn_blocking(move || dialect::scrub::scrub(&url)).await;
    scrubbed.map_err(|_| StorageError::Panicked)??;
    let now = app.now();
    Ok(app.db.write(move |connection| vault::set_sealed(connection, now)).await?)
}
