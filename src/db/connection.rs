//! One connection type for both databases, and how a connection is opened.
//!
//! In comes a [`DatabaseUrl`], out goes a [`DbConnection`] whose session is set up. The scheme alone decides which database
//! it is: guessing would let a typing error create an empty SQLite file. Called by `db`, `writer` and `migrate`.

use crate::db::error::StorageError;
use crate::db::query_deadline;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use multi::{DbConnection, MultiBackend};

/// The enum on its own, because its derive writes public items without documentation.
mod multi {
    #![expect(missing_docs, reason = "written by the derive")]

    use diesel::{PgConnection, SqliteConnection};

    /// A connection to either database; queries are written once against it.
    #[derive(diesel::MultiConnection)]
    pub enum DbConnection {
        /// PostgreSQL, for several instances.
        Postgres(PgConnection),
        /// SQLite, embedded.
        Sqlite(SqliteConnection),
    }
}

/// The kind of database behind a [`DatabaseUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One file, one writing process.
    Sqlite,
    /// A server, any number of instances.
    Postgres,
}

impl Backend {
    /// The name for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The loss of power.
    #[default]
    Full,
    /// The end of the process only; for data that can be built again, as the demo year.
    Relaxed,
}

/// What a connection may do; on SQLite the readers cannot write even by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reads only.
    Read,
    /// Reads and writes.
    Write,
}

/// How every session of a process is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionSettings {
    /// What acknowledged writes survive.
    pub durability: Durability,
    /// When PostgreSQL gives a statement up; SQLite has no such limit.
    pub statement_limit: Duration,
    /// Whether PostgreSQL may take further processes for one statement, and with them the processors of everybody else.
    pub is_parallel: bool,
}

impl SessionSettings {
    /// For the operator's own commands: durable, and as long as it takes.
    pub(crate) const UNLIMITED: Self = Self { durability: Durability::Full, statement_limit: Duration::ZERO, is_parallel: true };
}

/// A checked address of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path`; the path is absolute from here on.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, as libpq reads it.
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.without_password())
    }
}

impl DatabaseUrl {
    /// Reads the address without touching any file.
    ///
    /// # Errors
    /// [`StorageError::Settings`] for any scheme but the three known ones, and for an empty path.
    pub fn parse(url: &str) -> Result<Self, StorageError> {
        let refuse = |why: &str| Err(StorageError::Settings(why.to_owned()));
        let Some((scheme, rest)) = url.split_once("://") else {
            return refuse("the database URL has to begin with sqlite://, postgres:// or postgresql://");
        };
        match scheme {
            "sqlite" if rest.is_empty() || rest.ends_with('/') => refuse("sqlite:// needs the path of a file"),
            "sqlite" if rest.contains(":memory:") => refuse("sqlite:// needs a file; a database in memory would be lost"),
            "sqlite" if rest.contains(['?', '#', '\0']) => refuse("sqlite:// takes a path and no parameters"),
            "sqlite" => match std::path::absolute(rest) {
                Ok(path) => Ok(Self::Sqlite(path)),
                Err(cause) => refuse(&format!("sqlite:// needs the path of a file: {cause}")),
            },
            "postgres" | "postgresql" if rest.is_empty() => refuse("postgres:// needs a host or a database"),
            "postgres" | "postgresql" => Ok(Self::Postgres(url.to_owned())),
            other => refuse(&format!("unknown database scheme \"{other}\"; use sqlite://, postgres:// or postgresql://")),
        }
    }

    /// Which database it is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }

    /// The file of an SQLite database.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// The address for people and logs: the password and all parameters are cut out.
    #[must_use]
    pub fn without_password(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let plain = url.split_once('?').map_or(url.as_str(), |(before, _)| before);
                let (scheme, rest) = plain.split_once("://").unwrap_or(("postgres", plain));
                match rest.rsplit_once('@') {
                    Some((user, host)) => {
                        let user = user.split_once(':').map_or(user, |(name, _)| name);
                        format!("{scheme}://{user}@{host}")
                    }
                    None => format!("{scheme}://{rest}"),
                }
            }
        }
    }

    /// Creates an empty SQLite file that only its owner can read, unless there is one; nothing to do on PostgreSQL.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when the folder does not exist or may not be written.
    pub fn create_if_missing(&self) -> Result<(), StorageError> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map(drop)
            .map_err(|cause| StorageError::Unavailable(format!("cannot open {}: {cause}", path.display())))
    }

    /// The file behind the path at this moment, to notice that it was moved away or replaced under open connections.
    pub(super) fn file_identity(&self) -> Result<Option<FileIdentity>, StorageError> {
        let Self::Sqlite(path) = self else { return Ok(None) };
        match fs::metadata(path) {
            Ok(found) => Ok(Some(FileIdentity { device: found.dev(), inode: found.ino() })),
            Err(cause) => Err(StorageError::Unavailable(format!("cannot find {}: {cause}", path.display()))),
        }
    }

    /// Opens a connection with its session set up.
    pub(crate) fn connect(&self, access: Access, settings: SessionSettings) -> Result<DbConnection, StorageError> {
        match self {
            Self::Sqlite(path) => open_sqlite(path, access, settings.durability).map(DbConnection::Sqlite),
            Self::Postgres(url) => open_postgres(url, settings).map(DbConnection::Postgres),
        }
    }
}

/// Which file a path meant when a connection was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    inode: u64,
}

impl DbConnection {
    /// Which database this is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Postgres(_) => Backend::Postgres,
            Self::Sqlite(_) => Backend::Sqlite,
        }
    }

    /// Begins a transaction in which every query sees the same state and nothing can be written.
    pub(super) fn begin_read(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(pg) => {
                AnsiTransactionManager::begin_transaction_sql(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
            Self::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN DEFERRED"),
        }
    }

    /// Begins a transaction that may write. SQLite takes the write lock at once: raising a read lock later fails at once
    /// when somebody else writes, however long the busy timeout.
    pub(super) fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(pg) => AnsiTransactionManager::begin_transaction(pg),
            Self::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        }
    }

    /// Begins a savepoint inside of a transaction.
    pub(super) fn begin_savepoint(&mut self) -> QueryResult<()> {
        <Self as Connection>::TransactionManager::begin_transaction(self)
    }

    /// Commits the transaction, or releases the innermost savepoint.
    pub(super) fn commit(&mut self) -> QueryResult<()> {
        <Self as Connection>::TransactionManager::commit_transaction(self)
    }

    /// Rolls the transaction back, or to the innermost savepoint.
    pub(super) fn roll_back(&mut self) -> QueryResult<()> {
        <Self as Connection>::TransactionManager::rollback_transaction(self)
    }
}

/// The order matters: the busy timeout has to hold for the switch to WAL already.
fn open_sqlite(path: &Path, access: Access, durability: Durability) -> Result<SqliteConnection, StorageError> {
    let Some(text) = path.to_str() else {
        return Err(StorageError::Settings("the path of the database is not valid UTF-8".to_owned()));
    };
    // SQLite would quietly create an empty database in place of one that was moved away.
    if !path.is_file() {
        return Err(StorageError::Unavailable(format!("cannot find {}", path.display())));
    }
    let mut sqlite = SqliteConnection::establish(text)?;
    let synchronous = match durability {
        Durability::Full => "PRAGMA synchronous = FULL",
        Durability::Relaxed => "PRAGMA synchronous = OFF",
    };
    for statement in [
        "PRAGMA busy_timeout = 5000",
        "PRAGMA journal_mode = WAL",
        synchronous,
        "PRAGMA foreign_keys = ON",
        "PRAGMA trusted_schema = OFF",
        // 2 MB for each connection, so that the whole process stays small.
        "PRAGMA cache_size = -2000",
        "PRAGMA journal_size_limit = 67108864",
        // Pages that every filing changes are copied to the file once in 16 MB of log instead of once in four.
        "PRAGMA wal_autocheckpoint = 4000",
        // Each job of a group has a savepoint, and its undo log would go through a temporary file.
        "PRAGMA temp_store = MEMORY",
        // What was deleted or overwritten is gone from the pages, too.
        "PRAGMA secure_delete = ON",
    ] {
        sqlite.batch_execute(statement)?;
    }
    if access == Access::Read {
        sqlite.batch_execute("PRAGMA query_only = ON")?;
    }
    query_deadline::teach(&mut sqlite)?;
    Ok(sqlite)
}

/// No lock and no forgotten transaction may hold a request longer than a client waits.
const POSTGRES_SESSION: &str = "SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning; \
    SET application_name = 'pakn'; SET TIME ZONE 'UTC';";

/// Diesel does not hand out the SQLSTATE of a deadlock, only its message, and that is translated by servers set up in
/// another language. Only some roles may choose the language, therefore the attempt may fail.
const POSTGRES_MESSAGES: &str = "DO $$ BEGIN PERFORM set_config('lc_messages', 'C', false); \
    EXCEPTION WHEN OTHERS THEN NULL; END $$;";

fn open_postgres(url: &str, settings: SessionSettings) -> Result<PgConnection, StorageError> {
    let mut address = url.to_owned();
    for (parameter, value) in [("connect_timeout", "3"), ("tcp_user_timeout", "20000")] {
        if !address.contains(parameter) {
            let separator = if address.contains('?') { '&' } else { '?' };
            address.push_str(&format!("{separator}{parameter}={value}"));
        }
    }
    let mut pg = PgConnection::establish(&address)?;
    pg.batch_execute(POSTGRES_SESSION)?;
    pg.batch_execute(POSTGRES_MESSAGES)?;
    pg.batch_execute(&format!("SET statement_timeout = {}", settings.statement_limit.as_millis()))?;
    if settings.durability == Durability::Relaxed {
        pg.batch_execute("SET synchronous_commit = off")?;
    }
    if !settings.is_parallel {
        pg.batch_execute("SET max_parallel_workers_per_gather = 0")?;
    }
    Ok(pg)
}
