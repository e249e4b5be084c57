//! Turns an uploaded file into one that may be seen: malware scan, then renditions for images.
//!
//! Takes a file that is in the store and in a spool; returns its outcome. Runs when a file has arrived, and in the
//! worker for files that could not be scanned then. State `ready` is written only after all renditions are in the
//! store.

use super::Attachments;
use super::Rendition;
use super::images::{self, DecodeBudget, ImageError};
use super::scan::{self, ScanVerdict};
use crate::app::App;
use crate::attachments::rules::{AttachmentKind, AttachmentState};
use crate::attachments::store::{self, AttachmentRow};
use crate::db::file_store::FileStoreError;
use crate::db::service_error::ServiceError;
use crate::db::spool::Spool;
use crate::kernel::field_problem::FieldRule;
use chrono::Duration;

/// How many waiting files one worker round handles.
const BATCH: i64 = 50;
/// Retry delay after clamd did not respond, in seconds.
const PAUSE_SECONDS: i64 = 60;

/// How long the worker waits for one scan.
const WORKER_PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

/// The outcome of processing a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanOutcome {
    Ready,
    /// The scan was not possible yet, or too many images are queued.
    Waiting,
    /// The file must be removed; the state and rule to report.
    Refused(AttachmentState, FieldRule),
}

impl ScanOutcome {
    /// Returns the state to store.
    #[must_use]
    pub const fn state(&self) -> AttachmentState {
        match self {
            Self::Ready => AttachmentState::Ready,
            Self::Waiting => AttachmentState::Scanning,
            Self::Refused(state, _) => *state,
        }
    }
}

/// Who waits for the outcome.
#[derive(Debug, Clone, Copy)]
pub enum ScanCaller<'a> {
    /// The uploading client, with the name under which its image slots are counted; waits briefly.
    Sender(&'a str),
    Worker,
}

/// Scans a file and creates its renditions; stores the renditions and nothing else.
///
/// # Errors
/// [`FileStoreError`] when the store does not take the renditions.
pub async fn check(app: &App, row: &AttachmentRow, spool: &Spool, asker: ScanCaller<'_>) -> Result<ScanOutcome, FileStoreError> {
    let tools = &app.attachments;
    let patience = match asker {
        // Nobody waits for the worker's scans on an open connection, but other files queue behind them.
        ScanCaller::Worker => WORKER_PATIENCE,
        ScanCaller::Sender(_) => std::time::Duration::from_secs(app.config.scan_wait_seconds),
    };
    let scanned = tokio::time::timeout(patience, verdict(app, spool)).await.unwrap_or(ScanVerdict::Unknown);
    match scanned {
        ScanVerdict::Clean => {}
        ScanVerdict::Infected => return Ok(ScanOutcome::Refused(AttachmentState::Infected, FieldRule::Infected)),
        ScanVerdict::Unknown => return Ok(ScanOutcome::Waiting),
    }
    if row.kind != AttachmentKind::Image {
        return Ok(ScanOutcome::Ready);
    }
    let config = &app.config;
    let budget = DecodeBudget {
        pixels: config.image_max_pixels,
        unscaled: config.image_max_pixels_unscaled,
        bytes: config.image_memory_bytes,
    };
    let source = match asker {
        ScanCaller::Worker => "worker",
        ScanCaller::Sender(name) => name,
    };
    match images::renditions(tools, spool, &row.media_type, source, budget).await {
        Ok(made) => {
            tools.files.put_bytes(&Rendition::Shown.name(&row.id), made.shown).await?;
            tools.files.put_bytes(&Rendition::Thumbnail.name(&row.id), made.thumbnail).await?;
            Ok(ScanOutcome::Ready)
        }
        Err(ImageError::Busy) => Ok(ScanOutcome::Waiting),
        Err(ImageError::TooManyPixels) => Ok(ScanOutcome::Refused(AttachmentState::Damaged, FieldRule::TooManyPixels)),
        Err(ImageError::Damaged) => Ok(ScanOutcome::Refused(AttachmentState::Damaged, FieldRule::DamagedFile)),
    }
}

async fn verdict(app: &App, spool: &Spool) -> ScanVerdict {
    let Some(address) = &app.config.clamd_address else { return ScanVerdict::Clean };
    match app.attachments.scanning.acquire().await {
        Ok(_turn) => scan::scan(&app.attachments.files, address, spool).await,
        Err(_) => ScanVerdict::Unknown,
    }
}

/// Removes every file of an attachment.
///
/// # Errors
/// [`FileStoreError::Unavailable`].
pub async fn remove_files(tools: &Attachments, id: &str) -> Result<(), FileStoreError> {
    for rendition in Rendition::ALL {
        tools.files.remove(&rendition.name(id)).await?;
    }
    Ok(())
}

/// Processes files that wait for their scan; returns how many are done.
pub async fn check_waiting(app: &App) -> Result<usize, ServiceError> {
    let now = app.now();
    let waiting = app.db.read(move |connection| Ok::<_, ServiceError>(store::waiting(connection, now, BATCH)?)).await?;
    let mut settled = 0;
    for row in waiting {
        let outcome = match again(app, &row).await {
            Ok(outcome) => outcome,
            // The process was killed before the bytes were stored, and nobody was told that the upload succeeded.
            Err(FileStoreError::Missing) => ScanOutcome::Refused(AttachmentState::Damaged, FieldRule::DamagedFile),
            Err(error) => {
                tracing::warn!(%error, "cannot process queued upload");
                ScanOutcome::Waiting
            }
        };
        let state = outcome.state();
        if matches!(outcome, ScanOutcome::Refused(..)) && remove_files(&app.attachments, &row.id).await.is_err() {
            continue;
        }
        let (id, until) = (row.id, now.plus(Duration::seconds(PAUSE_SECONDS)));
        let left = app
            .db
            .write(move |connection| {
                if state == AttachmentState::Scanning {
                    store::put_off(connection, &id, until)?;
                    return Ok::<_, ServiceError>(false);
                }
                Ok(store::settle(connection, &id, state)?)
            })
            .await?;
        settled += usize::from(left);
        if outcome == ScanOutcome::Waiting {
            // If clamd did not respond for this file, it will not for the next.
            break;
        }
    }
    Ok(settled)
}

async fn again(app: &App, row: &AttachmentRow) -> Result<ScanOutcome, FileStoreError> {
    let files = &app.attachments.files;
    let spool = files.fetch(&Rendition::Original.name(&row.id), files.spool().await?).await?;
    check(app, row, &spool, ScanCaller::Worker).await
}
