//! One connection type for both databases, and how connections are opened.
//!
//! Takes a [`DatabaseUrl`], returns a [`DbConnection`] with its session configured. Only the URL scheme selects
//! the database: guessing would let a typo create an empty SQLite file. Called by `db`, `writer` and `migrate`.

use crate::db::error::StorageError;
use crate::db::query_deadline;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use multi::{DbConnection, MultiBackend};

/// A separate module, because the derive generates undocumented public items.
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
    /// Returns the name for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What a committed write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A power failure.
    #[default]
    Full,
    /// The end of the process only; for data that can be regenerated, such as the demo year.
    Relaxed,
}

/// The access mode of a connection; read-only SQLite connections cannot write even by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// Session settings of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionSettings {
    pub durability: Durability,
    /// PostgreSQL statement timeout; SQLite has none.
    pub statement_limit: Duration,
    /// Whether PostgreSQL may use parallel workers for a statement, which take CPU time from all others.
    pub is_parallel: bool,
}

impl SessionSettings {
    /// For operator commands: full durability, no timeout.
    pub(crate) const UNLIMITED: Self = Self { durability: Durability::Full, statement_limit: Duration::ZERO, is_parallel: true };
}

/// A validated database URL.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path`; stored as an absolute path.
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
    /// Parses the URL without touching any file.
    ///
    /// # Errors
    /// [`StorageError::Settings`] for an unknown scheme or an empty path.
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

    /// Returns the kind of database.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }

    /// Returns the file of an SQLite database.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// Returns the URL for display and logs, without password and parameters.
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

    /// Creates an empty SQLite file, readable by the owner only, unless it exists; does nothing on PostgreSQL.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when the folder does not exist or is not writable.
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

    /// Returns the identity of the current file at the path, to detect that it was moved or replaced under open
    /// connections.
    pub(super) fn file_identity(&self) -> Result<Option<FileIdentity>, StorageError> {
        let Self::Sqlite(path) = self else { return Ok(None) };
        match fs::metadata(path) {
            Ok(found) => Ok(Some(FileIdentity { device: found.dev(), inode: found.ino() })),
            Err(cause) => Err(StorageError::Unavailable(format!("cannot find {}: {cause}", path.display()))),
        }
    }

    /// Opens a connection and configures its session.
    pub(crate) fn connect(&self, access: Access, settings: SessionSettings) -> Result<DbConnection, StorageError> {
        match self {
            Self::Sqlite(path) => open_sqlite(path, access, settings.durability).map(DbConnection::Sqlite),
            Self::Postgres(url) => open_postgres(url, settings).map(DbConnection::Postgres),
        }
    }
}

/// The identity of a file when a connection was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    inode: u64,
}

impl DbConnection {
    /// Returns the kind of database.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Postgres(_) => Backend::Postgres,
            Self::Sqlite(_) => Backend::Sqlite,
        }
    }

    /// Begins a read-only transaction on one snapshot.
    pub(super) fn begin_read(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(pg) => {
                AnsiTransactionManager::begin_transaction_sql(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
            Self::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN DEFERRED"),
        }
    }

    /// Begins a write transaction. SQLite takes the write lock at once: upgrading a read lock later fails
    /// immediately when another connection writes, regardless of the busy timeout.
    pub(super) fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(pg) => AnsiTransactionManager::begin_transaction(pg),
            Self::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        }
    }

    /// Begins a savepoint in a transaction.
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

/// The order of the pragmas matters: the busy timeout must already apply to the switch to WAL.
fn open_sqlite(path: &Path, access: Access, durability: Durability) -> Result<SqliteConnection, StorageError> {
    let Some(text) = path.to_str() else {
        return Err(StorageError::Settings("the path of the database is not valid UTF-8".to_owned()));
    };
    // SQLite would silently create an empty database in place of a file that was moved away.
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
        // 2 MB per connection, to keep the process small.
        "PRAGMA cache_size = -2000",
        "PRAGMA journal_size_limit = 67108864",
        // Checkpoints after 16 MB of WAL instead of 4 MB, so that pages changed by every filing are copied less
        // often.
        "PRAGMA wal_autocheckpoint = 4000",
        // Each job of a group has a savepoint, whose undo log would otherwise go through a temporary file.
        "PRAGMA temp_store = MEMORY",
        // Overwrites deleted data in the pages with zeros.
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

/// No lock and no forgotten transaction may block a request longer than a client waits.
const POSTGRES_SESSION: &str = "SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning; \
    SET application_name = 'pakn'; SET TIME ZONE 'UTC';";

/// Diesel exposes only the message of a deadlock, not its SQLSTATE, and servers may translate messages. Only some
/// roles may set the language, so failures are ignored.
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
