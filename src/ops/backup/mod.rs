//! Whole backups: database, uploaded files and a manifest in one folder, made while servers run, and put back while none does.
//!
//! Called by `ops::cli::backup` and `ops::cli::restore`. The form is the same for both databases, so that a backup of one can be restored into the
//! other: the database of a backup is an SQLite file. Rules: a backup gets its name when it is complete; a restore looks at every part
//! and every key before it touches anything; what a killed run has left is removed by the next start.

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

/// Why there is no backup, or why nothing was put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupFailure {
    /// A part is not what the manifest says.
    #[error("the backup is damaged: {part} {why}")]
    Damaged {
        /// The part.
        part: String,
        /// What is wrong with it.
        why: String,
    },
    /// A key that belongs to the backup is not at hand.
    #[error(
        "the backup belongs to a key that is not here: put {} ({}) with the fingerprint {fingerprint} into the data folder first{}",
        .purpose.file(), .purpose.variable(), way_out(*.purpose)
    )]
    KeyMissing {
        /// What the key is for.
        purpose: KeyPurpose,
        /// Its fingerprint.
        fingerprint: String,
    },
    /// A key at hand is another one.
    #[error(
        "{place} is not the key that the backup belongs to, which has the fingerprint {fingerprint}: put that in its place first{}",
        way_out(*.purpose)
    )]
    KeyDiffers {
        /// What the key is for.
        purpose: KeyPurpose,
        /// Where the other key comes from.
        place: String,
        /// The fingerprint of the right one.
        fingerprint: String,
    },
    /// A file or a folder.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The files of the database.
    #[error(transparent)]
    Database(#[from] BackupError),
    /// Copying between the kinds of databases.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// An uploaded file.
    #[error(transparent)]
    Carry(#[from] TransferError),
    /// Program, database and keys.
    #[error(transparent)]
    Wrong(#[from] InstallationError),
    /// A service.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The settings.
    #[error("{0}")]
    Settings(String),
    /// A blocking step was lost.
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
    /// Whether program, keys and database do not belong together.
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

/// How far a work has come: what, how much is done, of how much.
pub type ProgressFn<'a> = &'a mut (dyn FnMut(&'static str, u64, u64) + Send);

/// Runs blocking work beside the runtime.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupFailure> + Send + 'static,
) -> Result<T, BackupFailure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BackupFailure::Lost)?
}
