//! The restore journal: names of the files a restore is about to write to the file store, so that an
//! interrupted restore leaves no stray files.
//!
//! The names are written before the first file and removed when the restore ends. The next start deletes those
//! files unless the restored database is already in place, in which case they belong to it. The copy of the
//! database, which exists until that point, tells the two cases apart.

use super::BackupFailure;
use super::blocking;
use crate::config::Config;
use crate::db::file_store::FileStore;
use crate::db::partial_file::{self, remove_if_there};
use crate::db::{Backend, DatabaseUrl, copy};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// File name of the journal in the data folder.
const JOURNAL: &str = "restore.journal";
/// File name, in the data folder, of the database copy when the target database is not a file.
const BESIDE: &str = "restore.db";

/// Returns the path used to place the database copy during a restore.
pub(super) fn beside(config: &Config, url: &DatabaseUrl) -> PathBuf {
    url.sqlite_path().map_or_else(|| config.data_dir.join(BESIDE), Path::to_owned)
}

/// Records the names of the files about to be written.
pub(super) fn begin(config: &Config, copy: &Path, names: &[String]) -> Result<(), BackupFailure> {
    let path = config.data_dir.join(JOURNAL);
    let refuse = |cause| BackupFailure::file(&path, cause);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(refuse)?;
    let mut text = format!("{}\n", copy.display());
    names.iter().for_each(|name| {
        text.push_str(name);
        text.push('\n');
    });
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refuse)?;
    partial_file::flush_folder_of(&path).map_err(refuse)
}

/// Deletes the journal: the files now belong to the database.
pub(super) fn end(config: &Config) -> Result<(), BackupFailure> {
    let path = config.data_dir.join(JOURNAL);
    remove_if_there(&path).map_err(|cause| BackupFailure::file(&path, cause))
}

/// Removes what an interrupted restore left in the data folder, beside the database and in the file store.
/// Returns whether there was anything.
pub async fn clean_up(config: &Config) -> Result<bool, BackupFailure> {
    let url = config.address()?;
    let place = beside(config, &url);
    let journal = config.data_dir.join(JOURNAL);
    let is_there = journal.is_file();
    if is_there {
        let Some((copy, names)) = abandoned(journal.clone()).await? else { return Ok(false) };
        let is_in_place = !copy.is_file() || holds_files(&url).await?;
        if !is_in_place {
            take_back(config, &names).await?;
        }
    }
    let swept = blocking(move || {
        let swept = partial_file::sweep(&place).map_err(|cause| BackupFailure::file(&place, cause))?;
        remove_if_there(&journal).map_err(|cause| BackupFailure::file(&journal, cause))?;
        Ok(swept)
    })
    .await?;
    if is_there || swept > 0 {
        tracing::warn!("removed leftovers of an aborted restore");
    }
    Ok(is_there || swept > 0)
}

/// Removes files written for a restore that failed.
pub(super) async fn take_back(config: &Config, names: &[String]) -> Result<(), BackupFailure> {
    let address = config.files().map_err(|error| BackupFailure::Settings(error.to_string()))?;
    let files = FileStore::open(&address, &config.spool_folder(), 0)?;
    for name in names {
        files.remove(name).await?;
    }
    Ok(())
}

/// Reads a journal, unless the restore that wrote it is still running.
async fn abandoned(journal: PathBuf) -> Result<Option<(PathBuf, Vec<String>)>, BackupFailure> {
    blocking(move || {
        let text = std::fs::read_to_string(&journal).map_err(|cause| BackupFailure::file(&journal, cause))?;
        let mut lines = text.lines();
        let copy = PathBuf::from(lines.next().unwrap_or_default());
        let is_held = File::open(&copy).is_ok_and(|file| file.try_lock().is_err());
        Ok((!is_held).then(|| (copy, lines.map(str::to_owned).collect())))
    })
    .await
}

/// A server database counts as restored if it references files. One that references none has no files to lose.
async fn holds_files(url: &DatabaseUrl) -> Result<bool, BackupFailure> {
    if url.backend() == Backend::Sqlite {
        return Ok(false);
    }
    let url = url.clone();
    blocking(move || Ok(copy::rows_of(&url, "attachments")? > 0)).await
}
