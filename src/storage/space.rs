//! How much room is left on the disks where files lie.
//!
//! Rule: uploads end before the disk is full, so that the database, which may lie on the same one, goes on.

use std::io;
use std::path::PathBuf;

/// The folders of files and how much has to stay free around them.
#[derive(Debug, Default)]
pub struct Space {
    /// Where files and spools lie; a bucket is nobody's disk.
    pub folders: Vec<PathBuf>,
    /// Bytes that have to stay free.
    pub floor: u64,
}

impl Space {
    /// Free bytes on the fullest of the disks, as far as this process may use them; none where no folder lies on a disk.
    ///
    /// # Errors
    /// When a folder cannot be looked at.
    pub fn free(&self) -> io::Result<Option<u64>> {
        let mut least = None;
        for folder in &self.folders {
            let disk = rustix::fs::statvfs(folder)?;
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            least = Some(least.map_or(free, |least: u64| least.min(free)));
        }
        Ok(least)
    }

    /// Whether so many bytes more leave enough free.
    ///
    /// # Errors
    /// `StorageFull` when they do not; otherwise when a folder cannot be looked at.
    pub fn check(&self, more: u64) -> io::Result<()> {
        let wanted = self.floor.saturating_add(more);
        match self.free()? {
            Some(free) if free < wanted => {
                Err(io::Error::new(io::ErrorKind::StorageFull, "the disk of the files is nearly full"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_stays_free() {
        let of = |floor: u64| Space { folders: vec![std::env::temp_dir()], floor };
        assert!(of(0).free().unwrap().unwrap() > 0);
        assert!(of(0).check(1).is_ok());
        assert_eq!(of(u64::MAX).check(0).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(of(1).check(u64::MAX).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(Space { folders: Vec::new(), floor: u64::MAX }.check(u64::MAX).is_ok(), "a bucket has no disk of ours");
    }
}
