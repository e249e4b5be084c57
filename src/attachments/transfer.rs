//! Copies all files from one store to another: for a move of the store, for a backup, and for a restore.
//!
//! Takes the names known to the database; returns what is in the target afterwards. Each file is read back from
//! the target and its hash compared with the source; originals are also compared with the hash in the database. A
//! file already present with the same bytes is left alone, so an interrupted run can be repeated.

use super::Rendition;
use crate::attachments::rules::AttachmentState;
use crate::attachments::store;
use crate::db::Db;
use crate::db::file_store::{FileStore, FileStoreError};
use crate::db::service_error::ServiceError;
use crate::db::spool::Spool;

/// Rows read per batch.
const BATCH: i64 = 500;

/// A file known to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// Its name in the store.
    pub name: String,
    /// The SHA-256 stored in its row.
    pub sha256: Option<String>,
    /// Whether a missing file is an error.
    pub is_needed: bool,
}

/// A file as found in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    pub name: String,
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: String,
}

/// Why a file could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("the file {0} is missing")]
    Missing(String),
    #[error("the file {0} is not what was uploaded: its hash is another one")]
    Changed(String),
    #[error("a file {0} with other bytes lies in the target already")]
    Taken(String),
    #[error("the file {0} came out otherwise than it went in")]
    Differs(String),
    #[error(transparent)]
    Files(#[from] FileStoreError),
}

/// Returns every file known to the database.
pub async fn known(db: &Db) -> Result<Vec<KnownFile>, ServiceError> {
    let mut files = Vec::new();
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = db.read(move |connection| Ok::<_, ServiceError>(store::page(connection, &from, BATCH)?)).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for row in page {
            for rendition in Rendition::ALL {
                let is_original = rendition == Rendition::Original;
                files.push(KnownFile {
                    name: rendition.name(&row.id),
                    sha256: is_original.then(|| row.sha256.clone()),
                    is_needed: is_original && row.state == AttachmentState::Ready,
                });
            }
        }
    }
    let parts = db.read(|connection| Ok::<_, ServiceError>(store::part_names(connection)?)).await?;
    files.extend(parts.into_iter().map(|name| KnownFile { name, sha256: None, is_needed: false }));
    Ok(files)
}

/// Reads a file and returns its size and hash; `None` when it is missing and not required.
///
/// # Errors
/// [`TransferError::Missing`], [`TransferError::Changed`]; those of the store.
pub async fn look(from: &FileStore, known: &KnownFile) -> Result<Option<StoredFile>, TransferError> {
    Ok(fetched(from, known).await?.map(|spool| lying(&known.name, &spool)))
}

/// Copies one file; returns `None` when it is missing and not required.
///
/// # Errors
/// As [`look`], and [`TransferError::Taken`], [`TransferError::Differs`].
pub async fn transfer(from: &FileStore, to: &FileStore, known: &KnownFile) -> Result<Option<StoredFile>, TransferError> {
    let Some(spool) = fetched(from, known).await? else { return Ok(None) };
    let carried = lying(&known.name, &spool);
    match to.fetch(&known.name, to.spool().await?).await {
        Ok(there) if there.sha256() == carried.sha256 => return Ok(Some(carried)),
        Ok(_) => return Err(TransferError::Taken(known.name.clone())),
        Err(FileStoreError::Missing) => {}
        Err(error) => return Err(error.into()),
    }
    to.put(&known.name, &spool).await?;
    let arrived = to.fetch(&known.name, to.spool().await?).await?;
    if arrived.sha256() != carried.sha256 {
        return Err(TransferError::Differs(known.name.clone()));
    }
    Ok(Some(carried))
}

async fn fetched(from: &FileStore, known: &KnownFile) -> Result<Option<Spool>, TransferError> {
    let spool = match from.fetch(&known.name, from.spool().await?).await {
        Ok(spool) => spool,
        Err(FileStoreError::Missing) if known.is_needed => return Err(TransferError::Missing(known.name.clone())),
        Err(FileStoreError::Missing) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match &known.sha256 {
        Some(sha256) if *sha256 != spool.sha256() => Err(TransferError::Changed(known.name.clone())),
        _ => Ok(Some(spool)),
    }
}

fn lying(name: &str, spool: &Spool) -> StoredFile {
    StoredFile { name: name.to_owned(), size: u64::try_from(spool.size()).unwrap_or(u64::MAX), sha256: spool.sha256() }
}
