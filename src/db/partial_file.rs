//! Files and folders under construction: a temporary name beside the target until complete, deleted on failure.
//!
//! Rules: a file gets its final name only when complete and flushed; nothing is overwritten on the way; the
//! creator holds a file lock, so that [`sweep`] can tell what a killed process left behind.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Part of the temporary name between the target name and a random number.
const MARK: &str = ".partial-";

/// A file or folder that is deleted on drop unless it was renamed to its target.
#[derive(Debug)]
pub struct PartialFile {
    path: PathBuf,
    _lock: File,
}

impl PartialFile {
    /// Creates an empty file beside the target, readable by the owner only.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn file(target: &Path) -> io::Result<Self> {
        let path = drawn(target);
        let lock = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Self::locked(path, lock)
    }

    /// Creates an empty folder beside the target, accessible by the owner only.
    ///
    /// # Errors
    /// When it cannot be created.
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

    /// Returns the temporary path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames to the target durably.
    ///
    /// # Errors
    /// When renaming fails; the file is deleted then.
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

/// Flushes the folder of a file, so that renames in it are durable.
///
/// # Errors
/// When the folder cannot be flushed.
pub fn flush_folder_of(file: &Path) -> io::Result<()> {
    File::open(folder_of(file)).and_then(|folder| folder.sync_all())
}

/// Deletes what killed processes left beside a target; returns the number.
///
/// # Errors
/// When the folder cannot be read, or something cannot be deleted.
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

/// Returns the partial files beside a target.
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
        // Skips a database's `-wal` and similar files, which are deleted together with it.
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

/// Returns a path with a suffix added to its name.
#[must_use]
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Deletes a file if it exists.
///
/// # Errors
/// When it exists and cannot be deleted.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

/// The file itself is deleted last, because `sweep` looks for it.
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
