//! Forward-only access to bytes of a file, with one chunk in memory.

use super::UnknownLayout;
use std::io::{Read, Seek, SeekFrom};

/// The chunk size: longer than any frame, so that the next frame can be read while the current one is kept.
const LENGTH: u64 = 64 * 1024;

pub(super) struct FileWindow<'f, R> {
    file: &'f mut R,
    piece: Vec<u8>,
    begin: u64,
    size: u64,
}

impl<'f, R: Read + Seek> FileWindow<'f, R> {
    pub const fn new(file: &'f mut R, size: u64) -> Self {
        Self { file, piece: Vec::new(), begin: 0, size }
    }

    /// Returns `N` bytes at an offset, or `None` at the end of the file. Bytes before `from` will not be requested
    /// again.
    pub fn bytes<const N: usize>(&mut self, from: u64, at: u64) -> Result<Option<[u8; N]>, UnknownLayout> {
        let length = u64::try_from(N).map_err(|_| UnknownLayout)?;
        if at.checked_add(length).is_none_or(|end| end > self.size) {
            return Ok(None);
        }
        if !self.holds(at, length) {
            self.fill(from.min(at))?;
        }
        if !self.holds(at, length) {
            self.fill(at)?;
        }
        let offset = usize::try_from(at - self.begin).map_err(|_| UnknownLayout)?;
        Ok(self.piece.get(offset..).and_then(|rest| rest.first_chunk()).copied())
    }

    fn holds(&self, at: u64, length: u64) -> bool {
        let end = self.begin + u64::try_from(self.piece.len()).unwrap_or_default();
        at >= self.begin && at + length <= end
    }

    fn fill(&mut self, at: u64) -> Result<(), UnknownLayout> {
        self.piece.clear();
        self.begin = at;
        self.file.seek(SeekFrom::Start(at))?;
        Read::take(&mut *self.file, LENGTH).read_to_end(&mut self.piece)?;
        Ok(())
    }
}
