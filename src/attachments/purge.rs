//! Removes unused data: files not joined to a petition in time, abandoned uploads, and old spools.
//!
//! Files are removed before their row, so that after an interrupted round everything left can still be found.

use super::processing::remove_files;
use crate::app::App;
use crate::attachments::store;
use crate::db::service_error::ServiceError;
use chrono::Duration;

/// How many items are removed in one worker round.
const BATCH: i64 = 200;
/// Age in seconds after which an idle spool counts as abandoned.
const SPOOL_SECONDS: u64 = 2 * 60 * 60;

/// Removes everything that is due; returns the number of removed items.
///
/// # Errors
/// [`FilesAway`](crate::kernel::error_code::ErrorCode::FilesAway) when the file store is unavailable; database
/// errors.
pub async fn purge(app: &App) -> Result<usize, ServiceError> {
    let now = app.now();
    let before = now.plus(-Duration::hours(i64::from(app.config.attachment_unused_hours)));
    let (unused, expired) = app
        .db
        .read(move |connection| {
            let unused = store::unused(connection, before, BATCH)?;
            Ok::<_, ServiceError>((unused, store::expired_uploads(connection, now, BATCH)?))
        })
        .await?;
    let mut removed = 0;
    for id in unused {
        let name = id.clone();
        // After this, nobody can join the file any more.
        if !app.db.write(move |connection| Ok::<_, ServiceError>(store::retire(connection, &name)?)).await? {
            continue;
        }
        remove_files(&app.attachments, &id).await?;
        removed += usize::from(app.db.write(move |connection| Ok::<_, ServiceError>(store::forget(connection, &id)?)).await?);
    }
    for id in expired {
        super::uploads::remove(app, &id).await?;
        removed += 1;
    }
    super::upload_quota::forget(app).await?;
    app.attachments.files.clear_spools(std::time::Duration::from_secs(SPOOL_SECONDS)).await?;
    Ok(removed)
}
