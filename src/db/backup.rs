//! Copies of an SQLite database: taken while a server writes, and put in its place while none does.
//!
//! Called by `ops::cli::backup` and `ops::cli::restore`; all of it blocks. Rules: no file is ever overwritten but the database itself
//! in [`restore`]; whatever gets its final name was written completely, flushed and closed before; a copy can be read by its
//! owner only; what a killed process has left is removed by the next.

use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::partial_file::{self, PartialFile, remove_if_there, with_ending};
use crate::db::{StorageError, copy, dialect, migrate};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no copy, or why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Only SQLite is copied by this program.
    #[error("only an SQLite database is copied file by file")]
    NotSqlite,
    /// A file stands where the copy would be.
    #[error("{0} exists already; nothing is overwritten")]
    Exists(PathBuf),
    /// There is no such database or copy.
    #[error("there is no file {0}")]
    NoFile(PathBuf),
    /// The copy is not one that this program can use.
    #[error("{path} cannot be restored: {why}")]
    Unusable {
        /// The copy.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The database holds petitions, and nobody has said that they may go.
    #[error("the database holds {0} petitions; --replace puts the backup in their place")]
    HoldsPetitions(i64),
    /// Somebody has the database open.
    #[error("the database is in use: stop the server first")]
    InUse,
    /// A file could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The database refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<diesel::result::Error> for BackupError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupContents {
    /// Size of the file.
    pub bytes: u64,
    /// Petitions in it.
    pub petitions: i64,
    /// The newest migration that it has.
    pub schema: String,
    /// Migrations that this program knows and the copy does not have; applied at the next start.
    pub missing_migrations: usize,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredBackup {
    /// What the database holds now.
    pub contents: BackupContents,
    /// Where the database is that was replaced.
    pub replaced: Option<PathBuf>,
}

#[derive(QueryableByName)]
struct BackupRowCount {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Writes a copy of the database as it is at one moment; whoever writes meanwhile does not wait.
///
/// # Errors
/// [`BackupError::Exists`] when there is a file at `target`; otherwise what the database or the file system says.
pub fn back_up(url: &DatabaseUrl, target: &Path) -> Result<BackupContents, BackupError> {
    let source = url.sqlite_path().ok_or(BackupError::NotSqlite)?;
    if !source.is_file() {
        return Err(BackupError::NoFile(source.to_owned()));
    }
    refuse_existing(target)?;
    let partial = fresh(target)?;
    let mut connection = url.connect(Access::Write, SessionSettings::UNLIMITED)?;
    diesel::sql_query("VACUUM INTO $1").bind::<Text, _>(text(partial.path())?).execute(&mut connection)?;
    drop(connection);
    let contents = finalize(partial.path())?;
    // Somebody may have put a file there in the meantime.
    refuse_existing(target)?;
    partial.rename_to(target).map_err(|cause| file_error(target, cause))?;
    Ok(contents)
}

/// A copy that was found sound and stands beside the database, ready to take its place.
pub struct VerifiedBackup {
    partial: PartialFile,
    guard: Option<ExclusiveLock>,
    target: PathBuf,
    /// What it holds.
    pub contents: BackupContents,
}

/// Copies a backup beside the database and looks it through; the database stays locked until it is put in place or dropped.
///
/// # Errors
/// [`BackupError::Unusable`] when the copy is damaged, no database of this program, or of a newer one;
/// [`BackupError::HoldsPetitions`] without `may_replace`; [`BackupError::InUse`] while a server has the database open.
pub fn check(url: &DatabaseUrl, copy: &Path, may_replace: bool) -> Result<VerifiedBackup, BackupError> {
    let target = url.sqlite_path().ok_or(BackupError::NotSqlite)?;
    if !copy.is_file() {
        return Err(BackupError::NoFile(copy.to_owned()));
    }
    let guard = target.is_file().then(|| lock(target)).transpose()?;
    if let Some(petitions) = guard.as_ref().and_then(|guard| guard.petitions)
        && petitions > 0
        && !may_replace
    {
        return Err(BackupError::HoldsPetitions(petitions));
    }
    let (partial, contents) = beside(target, copy)?;
    Ok(VerifiedBackup { partial, guard, target: target.to_owned(), contents })
}

/// A copy of a backup beside some place, looked through.
///
/// # Errors
/// [`BackupError::Unusable`]; those of the file system.
pub fn beside(target: &Path, copy: &Path) -> Result<(PartialFile, BackupContents), BackupError> {
    let partial = fresh(target)?;
    fs::copy(copy, partial.path()).map_err(|cause| file_error(copy, cause))?;
    restrict(partial.path())?;
    let contents = finalize(partial.path()).map_err(|error| match error {
        BackupError::Storage(error) => unusable(copy, error.to_string()),
        BackupError::Unusable { why, .. } => unusable(copy, why),
        other => other,
    })?;
    Ok((partial, contents))
}

impl VerifiedBackup {
    /// Where it stands meanwhile.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.partial.path()
    }

    /// Puts it in the place of the database, which is kept beside under the name that is returned.
    ///
    /// # Errors
    /// Those of the file system; the database is as it was then.
    pub fn put_in_place(self, kept_as: &str) -> Result<RestoredBackup, BackupError> {
        let Self { partial, guard, target, contents } = self;
        let replaced = match &guard {
            Some(_) => Some(keep(&target, kept_as)?),
            None => None,
        };
        for ending in ["-wal", "-shm"] {
            let file = with_ending(&target, ending);
            remove_if_there(&file).map_err(|cause| file_error(&file, cause))?;
        }
        // What looked at the copy meanwhile may have left its own files beside it.
        finalize(partial.path())?;
        partial.rename_to(&target).map_err(|cause| file_error(&target, cause))?;
        drop(guard);
        Ok(RestoredBackup { contents, replaced })
    }
}

/// Puts a copy in the place of the database, after it was found sound.
///
/// # Errors
/// As [`check`].
pub fn restore(url: &DatabaseUrl, copy: &Path, may_replace: bool, kept_as: &str) -> Result<RestoredBackup, BackupError> {
    check(url, copy, may_replace)?.put_in_place(kept_as)
}

/// An empty file beside a place, after what killed processes have left there was removed.
fn fresh(target: &Path) -> Result<PartialFile, BackupError> {
    partial_file::sweep(target).map_err(|cause| file_error(target, cause))?;
    PartialFile::file(target).map_err(|cause| file_error(target, cause))
}

/// Checks a copy and makes it one flushed file that needs no other beside it.
///
/// # Errors
/// [`BackupError::Unusable`] when it is damaged, no database of this program, or of a newer one.
pub fn finalize(path: &Path) -> Result<BackupContents, BackupError> {
    let address = DatabaseUrl::Sqlite(path.to_owned());
    let mut connection = address.connect(Access::Write, SessionSettings::UNLIMITED)?;
    let state = migrate::state(&mut connection)?;
    if state.applied == 0 {
        return Err(unusable(path, "it is not a database of this program".to_owned()));
    }
    if let Some(version) = state.unknown.first() {
        return Err(unusable(path, format!("it was written by a newer version of this program (migration {version})")));
    }
    if let Some(fault) = dialect::integrity::faults(&mut connection)?.first() {
        return Err(unusable(path, fault.clone()));
    }
    let petitions = petitions(&mut connection)?;
    connection.batch_execute("PRAGMA journal_mode = DELETE")?;
    drop(connection);
    let file = File::open(path).map_err(|cause| file_error(path, cause))?;
    file.sync_all().map_err(|cause| file_error(path, cause))?;
    let bytes = file.metadata().map_err(|cause| file_error(path, cause))?.len();
    Ok(BackupContents { bytes, petitions, schema: state.newest.unwrap_or_default(), missing_migrations: state.pending.len() })
}

/// How many rows each table of a settled copy has.
pub fn rows(path: &Path) -> Result<BTreeMap<String, u64>, BackupError> {
    copy::rows_of_file(text(path)?).map_err(|error| unusable(path, error.to_string()))
}

fn petitions(connection: &mut DbConnection) -> QueryResult<i64> {
    let count: BackupRowCount = diesel::sql_query("SELECT count(*) AS count FROM petitions").get_result(connection)?;
    Ok(count.count)
}

/// The database under an exclusive lock for as long as this lives.
struct ExclusiveLock {
    /// None when it cannot be read, which may be why it is to be replaced.
    petitions: Option<i64>,
    _connection: SqliteConnection,
}

/// SQLite leaves the WAL only when nobody else has the file open, so that asking for it tells whether a server runs; what
/// the WAL still held is in the file afterwards.
fn lock(target: &Path) -> Result<ExclusiveLock, BackupError> {
    let mut connection = SqliteConnection::establish(text(target)?).map_err(StorageError::from)?;
    let locked = connection.batch_execute(
        "PRAGMA busy_timeout = 500; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE",
    );
    match locked.map_err(StorageError::from) {
        Ok(()) => {
            let count =
                diesel::sql_query("SELECT count(*) AS count FROM petitions").get_result::<BackupRowCount>(&mut connection);
            Ok(ExclusiveLock { petitions: count.ok().map(|count| count.count), _connection: connection })
        }
        Err(StorageError::Busy) => Err(BackupError::InUse),
        Err(_damaged) => Ok(ExclusiveLock { petitions: None, _connection: connection }),
    }
}

/// A second name for the present database, so that at no moment there is none.
fn keep(target: &Path, kept_as: &str) -> Result<PathBuf, BackupError> {
    let kept = with_ending(target, kept_as);
    fs::hard_link(target, &kept).map_err(|cause| file_error(&kept, cause))?;
    Ok(kept)
}

fn text(path: &Path) -> Result<&str, BackupError> {
    path.to_str().ok_or_else(|| unusable(path, "its path is not valid UTF-8".to_owned()))
}

fn refuse_existing(target: &Path) -> Result<(), BackupError> {
    if target.symlink_metadata().is_ok() { Err(BackupError::Exists(target.to_owned())) } else { Ok(()) }
}

fn restrict(path: &Path) -> Result<(), BackupError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|cause| file_error(path, cause))
}

fn unusable(path: &Path, why: String) -> BackupError {
    BackupError::Unusable { path: path.to_owned(), why }
}

fn file_error(path: &Path, cause: io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), cause }
}
