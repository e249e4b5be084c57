//! Checks disk space for an SQLite database and its WAL.
//!
//! A WAL that a reader keeps from being truncated grows with every write, and on a full disk it can no longer be
//! checkpointed. So writes stop while there is still space for that, and resume by themselves. PostgreSQL's server
//! manages its own disk.

use crate::db::error::StorageError;
use std::fs;
use std::path::{Path, PathBuf};

/// Limits for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseDiskLimits {
    /// Maximum size of the WAL in bytes.
    pub log_bytes: u64,
    /// Minimum free bytes on the disk, in addition to those needed to checkpoint the WAL.
    pub free_bytes: u64,
}

impl Default for DatabaseDiskLimits {
    fn default() -> Self {
        Self { log_bytes: 4 << 30, free_bytes: 256 << 20 }
    }
}

/// The current disk usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseDiskUsage {
    /// Size of the WAL.
    pub log_bytes: u64,
    /// Free bytes on the disk; `None` when unknown.
    pub free_bytes: Option<u64>,
}

/// The paths to check.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseDisk {
    log: PathBuf,
    folder: PathBuf,
    limits: DatabaseDiskLimits,
}

impl DatabaseDisk {
    /// Creates the check for the database at this path.
    pub(crate) fn new(database: &Path, limits: DatabaseDiskLimits) -> Self {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let folder = database.parent().map(Path::to_path_buf).unwrap_or_default();
        Self { log: log.into(), folder, limits }
    }

    /// Returns the current usage.
    pub(crate) fn look(&self) -> DatabaseDiskUsage {
        let free_bytes = rustix::fs::statvfs(&self.folder).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        DatabaseDiskUsage { log_bytes: fs::metadata(&self.log).map_or(0, |found| found.len()), free_bytes }
    }

    /// Checks that writing is allowed.
    ///
    /// # Errors
    /// [`StorageError::Full`] with what is short.
    pub(crate) fn check(&self) -> Result<(), StorageError> {
        let (room, limits) = (self.look(), self.limits);
        if room.log_bytes > limits.log_bytes {
            return Err(StorageError::Full(format!("the write-ahead log has {} bytes", room.log_bytes)));
        }
        match room.free_bytes {
            Some(free) if free < limits.free_bytes.saturating_add(room.log_bytes) => {
                Err(StorageError::Full(format!("{free} bytes are free on the disk")))
            }
            _ => Ok(()),
        }
    }
}
