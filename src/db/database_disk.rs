//! Whether there is room to write: on the disk of an SQLite database, and in its write-ahead log.
//!
//! A log that some reader keeps from being cut grows with every write, and on a full disk nothing can be copied out of it any more. So
//! writing ends while there is still space for that, and goes on by itself once there is room. On PostgreSQL its server looks after it.

use crate::db::error::StorageError;
use std::fs;
use std::path::{Path, PathBuf};

/// How far writing may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseDiskLimits {
    /// Most bytes of the write-ahead log.
    pub log_bytes: u64,
    /// Fewest bytes that stay free on the disk, beside those that the log may need when it is copied into the file.
    pub free_bytes: u64,
}

impl Default for DatabaseDiskLimits {
    fn default() -> Self {
        Self { log_bytes: 4 << 30, free_bytes: 256 << 20 }
    }
}

/// How things stand at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseDiskUsage {
    /// Bytes of the write-ahead log.
    pub log_bytes: u64,
    /// Bytes that are free on the disk; none where it cannot be told.
    pub free_bytes: Option<u64>,
}

/// Where to look.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseDisk {
    log: PathBuf,
    folder: PathBuf,
    limits: DatabaseDiskLimits,
}

impl DatabaseDisk {
    /// Of the database at this path.
    pub(crate) fn new(database: &Path, limits: DatabaseDiskLimits) -> Self {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let folder = database.parent().map(Path::to_path_buf).unwrap_or_default();
        Self { log: log.into(), folder, limits }
    }

    /// Looks.
    pub(crate) fn look(&self) -> DatabaseDiskUsage {
        let free_bytes = rustix::fs::statvfs(&self.folder).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        DatabaseDiskUsage { log_bytes: fs::metadata(&self.log).map_or(0, |found| found.len()), free_bytes }
    }

    /// Whether something may be written.
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
