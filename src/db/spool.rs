//! A file on its way: bytes gather in a small buffer and go to the disk in the data folder, hashed as they pass.
//!
//! Rule: whoever drops a spool drops its file, and the room that is kept for it; what a process that was killed has left is removed by [`clear`].

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

/// How many bytes gather before they are written.
const BUFFER_BYTES: usize = 64 * 1024;
/// How many of the first bytes are kept for recognition.
const HEAD_BYTES: usize = 8 * 1024;
/// The ending of the names of spools.
const ENDING: &str = "spool";

/// A file on its way.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    head: Vec<u8>,
    size: usize,
    hash: Sha256,
    /// Room for what is not written yet. Dropped last, when the file is gone.
    promise: Option<SpaceReservation>,
}

impl Spool {
    /// An empty one in the folder, readable by its owner only.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("{}.{ENDING}", HEXLOWER.encode(&rand::rng().random::<[u8; 16]>())));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path, file, buffer: Vec::new(), head: Vec::new(), size: 0, hash: Sha256::new(), promise: None })
    }

    /// The same, with room that is kept for it.
    #[must_use]
    pub fn with(mut self, promise: SpaceReservation) -> Self {
        self.promise = Some(promise);
        self
    }

    /// Gathers some bytes; write them out when the spool is full.
    pub fn add(&mut self, bytes: &[u8]) {
        let missing = HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend(bytes.iter().take(missing));
        self.buffer.extend_from_slice(bytes);
        self.size += bytes.len();
    }

    /// Whether enough has gathered to be written out.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.buffer.len() >= BUFFER_BYTES
    }

    /// The same for what comes from outside: room is kept before anything is written, here and where the file goes; blocks.
    ///
    /// # Errors
    /// `StorageFull` when too little would stay free; when the disk does not take it.
    pub fn write_out_within(&mut self, space: &Arc<DiskSpace>) -> io::Result<()> {
        let gathered = u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        self.promise.get_or_insert_with(|| SpaceReservation::empty(space)).reach(gathered)?;
        space.check_now(gathered)?;
        self.write_out()
    }

    /// It lies in the store: no room has to be kept for it any more.
    pub fn stored(&mut self) {
        self.promise = None;
    }

    /// Writes what has gathered; blocks.
    ///
    /// # Errors
    /// When the disk does not take it.
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

    /// Everything is written out: what waits for its turn keeps no buffer meanwhile.
    pub fn complete(&mut self) {
        self.buffer = Vec::new();
    }

    /// Bytes so far.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// The first bytes.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The hash of what was written out, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        HEXLOWER.encode(&self.hash.clone().finalize())
    }

    /// The file, from its beginning.
    ///
    /// # Errors
    /// When it cannot be opened.
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

/// Removes what a process that was killed has left: spools that nobody has written to for so long.
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
