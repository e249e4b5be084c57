//! A temporary file in the data folder for an upload: bytes go through a small buffer to disk and are hashed on
//! the way.
//!
//! Rule: dropping a spool deletes its file and releases the disk space reserved for it. [`clear`] deletes the
//! spools left behind by a killed process.

use crate::db::disk_space::{DiskSpace, SpaceReservation};
use data_encoding::HEXLOWER;
use rand::RngExt;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Size of the write buffer.
const BUFFER_BYTES: usize = 64 * 1024;
/// Length of the prefix kept in memory to detect the file type.
const HEAD_BYTES: usize = 8 * 1024;
/// File name extension of spools.
const ENDING: &str = "spool";

/// A temporary file that is being written.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    head: Vec<u8>,
    size: usize,
    hash: Sha256,
    /// Reservation for bytes not yet written. Dropped last, after the file was deleted.
    promise: Option<SpaceReservation>,
}

impl Spool {
    /// Creates an empty spool in the folder, readable by the owner only.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("{}.{ENDING}", HEXLOWER.encode(&rand::rng().random::<[u8; 16]>())));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path, file, buffer: Vec::new(), head: Vec::new(), size: 0, hash: Sha256::new(), promise: None })
    }

    /// Attaches a disk space reservation.
    #[must_use]
    pub fn with(mut self, promise: SpaceReservation) -> Self {
        self.promise = Some(promise);
        self
    }

    /// Adds bytes to the buffer; call `write_out` when [`is_full`](Self::is_full).
    pub fn add(&mut self, bytes: &[u8]) {
        let missing = HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend(bytes.iter().take(missing));
        self.buffer.extend_from_slice(bytes);
        self.size += bytes.len();
    }

    /// Returns whether the buffer should be written out.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.buffer.len() >= BUFFER_BYTES
    }

    /// Writes the buffer like [`write_out`](Self::write_out), but for untrusted input: reserves disk space first,
    /// for the spool and the store. Blocks.
    ///
    /// # Errors
    /// `StorageFull` when too little space would stay free; other errors when the disk rejects the write.
    pub fn write_out_within(&mut self, space: &Arc<DiskSpace>) -> io::Result<()> {
        let gathered = u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        self.promise.get_or_insert_with(|| SpaceReservation::empty(space)).reach(gathered)?;
        space.check_now(gathered)?;
        self.write_out()
    }

    /// Releases the reservation, because the file is in the store now.
    pub fn stored(&mut self) {
        self.promise = None;
    }

    /// Writes the buffer to disk; blocks.
    ///
    /// # Errors
    /// When the disk rejects the write.
    pub fn write_out(&mut self) -> io::Result<()> {
        self.hash.update(&self.buffer);
        self.file.write_all(&self.buffer)?;
        if let Some(promise) = &mut self.promise {
            promise.spooled(u64::try_from(self.buffer.len()).unwrap_or(u64::MAX));
        }
        self.buffer.clear();
        if self.buffer.capacity() > 2 * BUFFER_BYTES {
            self.buffer = Vec::new();
        }
        Ok(())
    }

    /// Frees the buffer of a completely written spool, so that it uses no memory while it waits.
    pub fn complete(&mut self) {
        self.buffer = Vec::new();
    }

    /// Returns the number of bytes so far.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Returns the first bytes, for file type detection.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Returns the SHA-256 of the bytes written out, in hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        HEXLOWER.encode(&self.hash.clone().finalize())
    }

    /// Opens the file for reading from the start.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn reader(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "cannot remove spool file");
        }
    }
}

/// Deletes spools of killed processes: those not modified for `unused_for`.
///
/// # Errors
/// When the folder cannot be read.
pub fn clear(folder: &Path, unused_for: Duration) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let rest = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if path.extension().is_some_and(|ending| ending == ENDING) && rest > unused_for {
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}
