//! What nobody uses is removed: files that were joined to nothing in time, uploads that were not gone on with, old spools.
//!
//! Rule: the files go before the row, so that a round that is cut short leaves nothing that cannot be found again.

use super::processing::remove_files;
use crate::app::App;
use crate::attachments::store;
use crate::db::service_error::ServiceError;
use chrono::Duration;

/// How many are removed in one round of the worker.
const BATCH: i64 = 200;
/// A transfer that has stood still for so long is none any more, in seconds.
const SPOOL_SECONDS: u64 = 2 * 60 * 60;

/// Removes what is due; says how many.
///
/// # Errors
/// Those of the database; [`FilesAway`](crate::kernel::error_code::ErrorCode::FilesAway).
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
        // From here on nobody can join it any more.
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
