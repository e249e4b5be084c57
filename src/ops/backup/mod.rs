//! Complete backups: database, uploaded files and a manifest in one folder. Made while servers run, restored
//! while none does.
//!
//! Called by `ops::cli::backup` and `ops::cli::restore`. The database in a backup is always an SQLite file, so
//! that a backup of one database kind can be restored into the other. Rules: a backup gets its final name only
//! when it is complete; a restore checks every part and key before it changes anything; the next start removes
//! what an interrupted run left.

mod journal;
pub(super) mod make;
mod manifest;
pub(super) mod restore;

pub use journal::clean_up;
pub use make::{BackupReport, make};
pub use manifest::{FilesPart, KeyPart, Manifest, ManifestPart};
pub use restore::{RestoreReport, restore};

use crate::attachments::transfer::TransferError;
use crate::db::StorageError;
use crate::db::backup::BackupError;
use crate::db::copy::CopyError;
use crate::db::file_store::FileStoreError;
use crate::db::service_error::ServiceError;
use crate::ops::installation::{InstallationError, KeyPurpose};
use std::path::{Path, PathBuf};

/// Why a backup or a restore failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupFailure {
    /// A part does not match the manifest.
    #[error("the backup is damaged: {part} {why}")]
    Damaged { part: String, why: String },
    /// A key that belongs to the backup is missing.
    #[error(
        "the backup belongs to a key that is not here: put {} ({}) with the fingerprint {fingerprint} into the data folder first{}",
        .purpose.file(), .purpose.variable(), way_out(*.purpose)
    )]
    KeyMissing { purpose: KeyPurpose, fingerprint: String },
    /// An available key is not the one the backup belongs to.
    #[error(
        "{place} is not the key that the backup belongs to, which has the fingerprint {fingerprint}: put that in its place first{}",
        way_out(*.purpose)
    )]
    KeyDiffers {
        purpose: KeyPurpose,
        /// Where the wrong key comes from.
        place: String,
        fingerprint: String,
    },
    /// A file or folder cannot be used.
    #[error("{path}: {cause}")]
    File { path: PathBuf, cause: std::io::Error },
    #[error(transparent)]
    Database(#[from] BackupError),
    /// Copying between database kinds failed.
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error(transparent)]
    Carry(#[from] TransferError),
    #[error(transparent)]
    Wrong(#[from] InstallationError),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("{0}")]
    Settings(String),
    /// A blocking task panicked or was cancelled.
    #[error("a step of the work was lost")]
    Lost,
}

fn way_out(purpose: KeyPurpose) -> &'static str {
    match purpose {
        KeyPurpose::PersonalData => ", because nothing else opens the personal data in it",
        _ => "; when it is lost for good, --adopt-keys goes on with the one at hand, or a new one",
    }
}

impl BackupFailure {
    /// Returns whether the failure is that program, keys and database do not match.
    #[must_use]
    pub const fn is_of_keys(&self) -> bool {
        matches!(self, Self::KeyMissing { .. } | Self::KeyDiffers { .. } | Self::Wrong(_))
    }

    fn file(path: &Path, cause: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), cause }
    }
}

impl From<StorageError> for BackupFailure {
    fn from(error: StorageError) -> Self {
        Self::Service(error.into())
    }
}

impl From<FileStoreError> for BackupFailure {
    fn from(error: FileStoreError) -> Self {
        Self::Carry(error.into())
    }
}

/// Progress callback: name of the step, amount done, total.
pub type ProgressFn<'a> = &'a mut (dyn FnMut(&'static str, u64, u64) + Send);

/// Runs blocking work on the blocking thread pool.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupFailure> + Send + 'static,
) -> Result<T, BackupFailure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BackupFailure::Lost)?
}
