//! Backups of an SQLite database: created while the server runs, restored while it does not.
//!
//! Called by `ops::cli::backup` and `ops::cli::restore`; everything blocks. Rules: no file is ever overwritten
//! except the database itself in [`restore`]; a file gets its final name only after it was completely written,
//! flushed and closed; a backup is readable by its owner only; files left by a killed process are deleted by the
//! next run.

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

/// Why a backup or restore failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Not an SQLite database; only SQLite is backed up by this program.
    #[error("only an SQLite database is copied file by file")]
    NotSqlite,
    /// The target file already exists.
    #[error("{0} exists already; nothing is overwritten")]
    Exists(PathBuf),
    /// There is no such database or backup file.
    #[error("there is no file {0}")]
    NoFile(PathBuf),
    /// The backup cannot be used by this program.
    #[error("{path} cannot be restored: {why}")]
    Unusable {
        /// The backup file.
        path: PathBuf,
        why: String,
    },
    /// The database holds petitions, and replacing them was not requested.
    #[error("the database holds {0} petitions; --replace puts the backup in their place")]
    HoldsPetitions(i64),
    /// Another process has the database open.
    #[error("the database is in use: stop the server first")]
    InUse,
    /// A file could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The file concerned.
        path: PathBuf,
        cause: io::Error,
    },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<diesel::result::Error> for BackupError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// The contents of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupContents {
    /// Size of the file.
    pub bytes: u64,
    /// Number of petitions.
    pub petitions: i64,
    /// The newest migration applied.
    pub schema: String,
    /// Migrations that the backup lacks; applied at the next start.
    pub missing_migrations: usize,
}

/// The result of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredBackup {
    pub contents: BackupContents,
    /// Path of the replaced database, which was kept.
    pub replaced: Option<PathBuf>,
}

#[derive(QueryableByName)]
struct BackupRowCount {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Writes a consistent backup of the database; concurrent writers do not wait.
///
/// # Errors
/// [`BackupError::Exists`] when there is a file at `target`; otherwise errors of the database or file system.
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
    // Another process may have created the file in the meantime.
    refuse_existing(target)?;
    partial.rename_to(target).map_err(|cause| file_error(target, cause))?;
    Ok(contents)
}

/// A verified copy of a backup beside the database, ready to replace it.
pub struct VerifiedBackup {
    partial: PartialFile,
    guard: Option<ExclusiveLock>,
    target: PathBuf,
    /// The contents of the copy.
    pub contents: BackupContents,
}

/// Copies a backup beside the database and verifies it; the database stays locked until the copy replaces it or is
/// dropped.
///
/// # Errors
/// [`BackupError::Unusable`] when the backup is damaged, not a database of this program, or of a newer version;
/// [`BackupError::HoldsPetitions`] without `may_replace`; [`BackupError::InUse`] while a server has the database
/// open.
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

/// Copies a backup beside a target path and verifies it.
///
/// # Errors
/// [`BackupError::Unusable`]; errors of the file system.
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
    /// Returns the path of the copy.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.partial.path()
    }

    /// Replaces the database with the copy; the old database is kept under a name with the given suffix, which is
    /// returned.
    ///
    /// # Errors
    /// Errors of the file system; the database is unchanged then.
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
        // Readers of the copy may have left `-wal` and `-shm` files beside it.
        finalize(partial.path())?;
        partial.rename_to(&target).map_err(|cause| file_error(&target, cause))?;
        drop(guard);
        Ok(RestoredBackup { contents, replaced })
    }
}

/// Verifies a backup and replaces the database with it.
///
/// # Errors
/// As [`check`].
pub fn restore(url: &DatabaseUrl, copy: &Path, may_replace: bool, kept_as: &str) -> Result<RestoredBackup, BackupError> {
    check(url, copy, may_replace)?.put_in_place(kept_as)
}

/// Creates an empty partial file beside a path, after deleting those left by killed processes.
fn fresh(target: &Path) -> Result<PartialFile, BackupError> {
    partial_file::sweep(target).map_err(|cause| file_error(target, cause))?;
    PartialFile::file(target).map_err(|cause| file_error(target, cause))
}

/// Verifies a backup and makes it a single flushed file without a WAL.
///
/// # Errors
/// [`BackupError::Unusable`] when it is damaged, not a database of this program, or of a newer version.
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

/// Returns the number of rows per table of a finalized backup.
pub fn rows(path: &Path) -> Result<BTreeMap<String, u64>, BackupError> {
    copy::rows_of_file(text(path)?).map_err(|error| unusable(path, error.to_string()))
}

fn petitions(connection: &mut DbConnection) -> QueryResult<i64> {
    let count: BackupRowCount = diesel::sql_query("SELECT count(*) AS count FROM petitions").get_result(connection)?;
    Ok(count.count)
}

/// Holds the database under an exclusive lock.
struct ExclusiveLock {
    /// `None` when the database cannot be read, which may be why it is being replaced.
    petitions: Option<i64>,
    _connection: SqliteConnection,
}

/// Takes an exclusive lock. SQLite leaves WAL mode only when nobody else has the file open, so this also detects a
/// running server; afterwards the content of the WAL is in the file.
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

/// Hard-links the current database to a second name, so that a database exists at every moment.
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
