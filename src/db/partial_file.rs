//! A file or a folder on its way to its final name: beside its place until it is whole, gone when it does not come about.
//!
//! Rules: whatever gets its final name is complete and flushed; nothing is overwritten by the way; who makes one holds a lock on it, so
//! that [`sweep`] knows what a process that was killed has left.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Behind the name of what is not whole yet, before a number.
const MARK: &str = ".partial-";

/// What goes away with the value unless it got its final name.
#[derive(Debug)]
pub struct PartialFile {
    path: PathBuf,
    _lock: File,
}

impl PartialFile {
    /// An empty file beside its final place that only its owner can read.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn file(target: &Path) -> io::Result<Self> {
        let path = drawn(target);
        let lock = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Self::locked(path, lock)
    }

    /// An empty folder beside its final place that only its owner can enter.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(target: &Path) -> io::Result<Self> {
        let path = drawn(target);
        DirBuilder::new().mode(0o700).create(&path)?;
        let lock = File::open(&path)?;
        Self::locked(path, lock)
    }

    fn locked(path: PathBuf, lock: File) -> io::Result<Self> {
        let partial = Self { path, _lock: lock };
        partial._lock.lock()?;
        Ok(partial)
    }

    /// Where it is meanwhile.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its final name, for good.
    ///
    /// # Errors
    /// When that cannot be done; it goes away then.
    pub fn rename_to(&self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        flush_folder_of(target)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            tracing::warn!(%error, file = %self.path.display(), "cannot remove incomplete file");
        }
    }
}

/// Makes names in the folder of a file last.
///
/// # Errors
/// When the folder cannot be flushed.
pub fn flush_folder_of(file: &Path) -> io::Result<()> {
    File::open(folder_of(file)).and_then(|folder| folder.sync_all())
}

/// Removes what processes that were killed have left beside a place; says how many it was.
///
/// # Errors
/// When the folder cannot be read, or something cannot be removed.
pub fn sweep(target: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for path in leftovers(target)? {
        let is_abandoned = match File::open(&path) {
            Ok(file) => file.try_lock().is_ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if is_abandoned {
            remove(&path)?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// What stands beside a place under names of this module.
///
/// # Errors
/// When the folder cannot be read.
pub fn leftovers(target: &Path) -> io::Result<Vec<PathBuf>> {
    let mut begin = target.file_name().unwrap_or_default().to_owned();
    begin.push(MARK);
    let begin = begin.to_string_lossy().into_owned();
    let entries = match fs::read_dir(folder_of(target)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // The files that a database has beside it go with it.
        let is_number = |rest: &str| !rest.is_empty() && rest.chars().all(|digit| digit.is_ascii_digit());
        if name.strip_prefix(&begin).is_some_and(is_number) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn drawn(target: &Path) -> PathBuf {
    with_ending(target, &format!("{MARK}{}", rand::random::<u32>()))
}

/// A path with more behind its name.
#[must_use]
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Removes a file that may not be there.
///
/// # Errors
/// When it is there and cannot be removed.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

/// The file itself goes last, because it is what a sweep looks for.
fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return fs::remove_dir_all(path);
    }
    ["-wal", "-shm", "-journal", ""].iter().try_for_each(|ending| remove_if_there(&with_ending(path, ending)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_holds_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("pakn.db");
        let (file, inner) = (PartialFile::file(&target).unwrap(), PartialFile::folder(&target).unwrap());
        fs::write(inner.path().join("x"), "x").unwrap();
        for stray in ["pakn.db.partial-7", "pakn.db.partial-7-wal", "pakn.db.partial-x", "other.db.partial-7"] {
            fs::write(folder.path().join(stray), "x").unwrap();
        }
        assert_eq!(sweep(&target).unwrap(), 1);
        assert!(file.path().is_file() && inner.path().is_dir());
        drop((file, inner));
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["other.db.partial-7", "pakn.db.partial-x"]);
        assert_eq!(sweep(&folder.path().join("missing/pakn.db")).unwrap(), 0);
    }
}
