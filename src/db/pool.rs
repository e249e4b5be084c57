//! Connection pool: takes a transaction mode, returns a connection with a transaction begun.
//!
//! A dead connection is replaced before any work runs on it, so the server recovers by itself after a database
//! outage.

use crate::db::connection::{Access, Backend, DatabaseUrl, DbConnection, FileIdentity, SessionSettings};
use crate::db::error::{AsStorageError, StorageError};
use crate::db::query_deadline::QueryDeadline;
use diesel::prelude::*;
use diesel::r2d2::{self, ManageConnection, PooledConnection, R2D2Connection};
use diesel::sql_types::Integer;
use std::time::Duration;

/// How long a request waits for a new connection while the database is unavailable.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// How often a PostgreSQL transaction is tried before `Contention` is returned.
const ATTEMPTS: u32 = 6;

/// The mode of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransactionMode {
    /// Read-only, on one snapshot.
    Read,
    Write,
}

/// An open connection and its state.
pub(super) struct DbSession {
    pub(crate) connection: DbConnection,
    file: Option<FileIdentity>,
    broken: bool,
    /// The PostgreSQL backend process, once it was queried.
    process: Option<i32>,
}

#[derive(QueryableByName)]
struct BackendPid {
    #[diesel(sql_type = Integer)]
    id: i32,
}

impl DbSession {
    /// Opens a connection to the file or server that the URL names now.
    pub(crate) fn open(url: &DatabaseUrl, access: Access, settings: SessionSettings) -> Result<Self, StorageError> {
        let file = url.file_identity()?;
        Ok(Self { connection: url.connect(access, settings)?, file, broken: false, process: None })
    }

    /// Returns the PostgreSQL backend process; `None` on SQLite.
    fn process(&mut self) -> Result<Option<i32>, StorageError> {
        if self.process.is_none() && self.connection.backend() == Backend::Postgres {
            let asked = diesel::sql_query("SELECT pg_backend_pid() AS id").get_result::<BackendPid>(&mut self.connection)?;
            self.process = Some(asked.id);
        }
        Ok(self.process)
    }

    /// Returns whether the path names another file than the one opened.
    pub(super) fn is_replaced(&self, url: &DatabaseUrl) -> Result<bool, StorageError> {
        Ok(url.file_identity()? != self.file)
    }
}

/// Opens the connections of the pool.
struct SessionManager {
    url: DatabaseUrl,
    access: Access,
    settings: SessionSettings,
}

impl ManageConnection for SessionManager {
    type Connection = DbSession;
    type Error = StorageError;

    fn connect(&self) -> Result<DbSession, StorageError> {
        DbSession::open(&self.url, self.access, self.settings)
    }

    fn is_valid(&self, session: &mut DbSession) -> Result<(), StorageError> {
        session.connection.ping().map_err(StorageError::from)
    }

    fn has_broken(&self, session: &mut DbSession) -> bool {
        session.broken || session.connection.is_broken()
    }
}

/// Logs failed connection attempts of the pool; requests also get the error.
#[derive(Debug)]
struct OpenErrorLogger;

impl r2d2::HandleError<StorageError> for OpenErrorLogger {
    fn handle_error(&self, error: StorageError) {
        tracing::warn!(%error, "database connection failed");
    }
}

/// A connection pool; cheap to clone.
#[derive(Clone)]
pub(super) struct Pool {
    sessions: r2d2::Pool<SessionManager>,
    url: DatabaseUrl,
}

impl Pool {
    /// Creates a pool that opens connections on first use.
    pub(crate) fn new(url: DatabaseUrl, access: Access, settings: SessionSettings, size: u32) -> Self {
        let sessions = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(CONNECT_LIMIT)
            .error_handler(Box::new(OpenErrorLogger))
            .build_unchecked(SessionManager { url: url.clone(), access, settings });
        Self { sessions, url }
    }

    /// Runs a read-only transaction with a deadline, and registers its backend process so that it can be
    /// cancelled.
    pub(crate) fn look<T, E: From<StorageError>>(
        &self,
        patience: &QueryDeadline,
        work: &impl Fn(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = self.begin(TransactionMode::Read)?;
        let process = match session.process() {
            Ok(process) => process,
            Err(error) => {
                session.broken = true;
                return Err(error.into());
            }
        };
        patience.begin();
        patience.work_by(process);
        let result = if patience.is_expired() { Err(StorageError::Busy.into()) } else { work(&mut session.connection) };
        let is_ended = session.connection.roll_back().is_ok();
        patience.work_by(None);
        // A cancel request may still be on its way to the process and would hit the next query, so the connection
        // is discarded.
        session.broken = !is_ended || process.is_some() && patience.is_expired();
        result
    }

    /// Runs the work in one transaction: committed when it returns `Ok`, rolled back otherwise.
    pub(super) fn run<T, E: From<StorageError>>(
        &self,
        transaction: TransactionMode,
        work: &impl Fn(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = self.begin(transaction)?;
        match work(&mut session.connection) {
            Ok(value) => match session.connection.commit() {
                Ok(()) => Ok(value),
                Err(error) => {
                    session.broken = true;
                    Err(StorageError::from(error).into())
                }
            },
            Err(refusal) => {
                session.broken = session.connection.roll_back().is_err();
                Err(refusal)
            }
        }
    }

    /// Begins a transaction. After a server restart all idle connections are dead; each is found and replaced
    /// here.
    fn begin(&self, transaction: TransactionMode) -> Result<PooledConnection<SessionManager>, StorageError> {
        let mut tries_left = self.sessions.max_size();
        loop {
            let mut session = self.sessions.get().map_err(|error| StorageError::Unavailable(error.to_string()))?;
            if session.is_replaced(&self.url)? {
                session.broken = true;
                continue;
            }
            let begun = match transaction {
                TransactionMode::Read => session.connection.begin_read(),
                TransactionMode::Write => session.connection.begin_write(),
            };
            let Err(error) = begun.map_err(StorageError::from) else { return Ok(session) };
            session.broken = true;
            if tries_left == 0 || !matches!(error, StorageError::Unavailable(_)) {
                return Err(error);
            }
            tries_left -= 1;
        }
    }
}

/// Returns the error for work submitted during shutdown.
pub(super) fn stopping() -> StorageError {
    StorageError::Unavailable("the server is stopping".to_owned())
}

/// Retries a PostgreSQL transaction that conflicts with another one; the pause grows and is random, so that two
/// transactions do not collide again. A unique violation is retried once: the row that the closure looked for may
/// have been inserted meanwhile, and the second run finds it.
pub(super) fn with_retries<T, E>(pool: &Pool, work: &impl Fn(&mut DbConnection) -> Result<T, E>) -> Result<T, E>
where
    E: From<StorageError> + AsStorageError,
{
    let (mut attempt, mut was_taken) = (1, false);
    loop {
        let result = pool.run(TransactionMode::Write, work);
        let contended = match result.as_ref().err().and_then(AsStorageError::as_storage_error) {
            Some(StorageError::Contention) => true,
            Some(error) => error.is_taken() && !std::mem::replace(&mut was_taken, true),
            None => false,
        };
        if !contended || attempt == ATTEMPTS {
            return result;
        }
        let longest = 10_u64 << attempt;
        std::thread::sleep(Duration::from_millis(rand::random_range(1..=longest)));
        attempt += 1;
    }
}

/// Asks PostgreSQL to cancel what a process runs; if that fails, the statement timeout ends it.
pub(super) fn cancel(cancels: &Pool, process: i32) {
    let ask = |connection: &mut DbConnection| -> Result<usize, StorageError> {
        Ok(diesel::sql_query("SELECT pg_cancel_backend($1)").bind::<Integer, _>(process).execute(connection)?)
    };
    if let Err(error) = cancels.run(TransactionMode::Read, &ask) {
        tracing::warn!(%error, "cannot cancel abandoned query");
    }
}
