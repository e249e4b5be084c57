//! Connections that are kept open.
//!
//! A thread that may block asks a [`Pool`] for a session with a transaction begun. A session that turned out to be dead is replaced
//! before any work was done on it; that is how the server recovers by itself after the database was away.

use crate::db::connection::{Access, Backend, DatabaseUrl, DbConnection, FileIdentity, SessionSettings};
use crate::db::error::{AsStorageError, StorageError};
use crate::db::query_deadline::QueryDeadline;
use diesel::prelude::*;
use diesel::r2d2::{self, ManageConnection, PooledConnection, R2D2Connection};
use diesel::sql_types::Integer;
use std::time::Duration;

/// How long a request waits for a new connection while the database is away.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// How often a PostgreSQL transaction is run before its contention is reported.
const ATTEMPTS: u32 = 6;

/// Which transaction a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransactionMode {
    /// Sees one state, writes nothing.
    Read,
    /// May write.
    Write,
}

/// One open connection and what is known about its health.
pub(super) struct DbSession {
    pub(crate) connection: DbConnection,
    file: Option<FileIdentity>,
    broken: bool,
    /// The process of PostgreSQL behind it, once it was asked for.
    process: Option<i32>,
}

#[derive(QueryableByName)]
struct BackendPid {
    #[diesel(sql_type = Integer)]
    id: i32,
}

impl DbSession {
    /// Opens a connection to what the URL means now.
    pub(crate) fn open(url: &DatabaseUrl, access: Access, settings: SessionSettings) -> Result<Self, StorageError> {
        let file = url.file_identity()?;
        Ok(Self { connection: url.connect(access, settings)?, file, broken: false, process: None })
    }

    /// The process of PostgreSQL behind it; none on SQLite.
    fn process(&mut self) -> Result<Option<i32>, StorageError> {
        if self.process.is_none() && self.connection.backend() == Backend::Postgres {
            let asked = diesel::sql_query("SELECT pg_backend_pid() AS id").get_result::<BackendPid>(&mut self.connection)?;
            self.process = Some(asked.id);
        }
        Ok(self.process)
    }

    /// Whether the URL means another file than the one that is open.
    pub(super) fn is_replaced(&self, url: &DatabaseUrl) -> Result<bool, StorageError> {
        Ok(url.file_identity()? != self.file)
    }
}

/// Opens the sessions of the pool.
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

/// The pool reports every failed attempt here; the requests report them to their callers as well.
#[derive(Debug)]
struct OpenErrorLogger;

impl r2d2::HandleError<StorageError> for OpenErrorLogger {
    fn handle_error(&self, error: StorageError) {
        tracing::warn!(%error, "database connection failed");
    }
}

/// Open sessions; cheap to clone.
#[derive(Clone)]
pub(super) struct Pool {
    sessions: r2d2::Pool<SessionManager>,
    url: DatabaseUrl,
}

impl Pool {
    /// A pool that opens its sessions when they are first needed.
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

    /// Looks at the database for as long as there is patience, and says who looks, so that it can be made to end.
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
        // A request to cancel may still be on its way to the process, and would meet somebody else's question.
        session.broken = !is_ended || process.is_some() && patience.is_expired();
        result
    }

    /// Runs the work inside of one transaction: committed when it returns `Ok`, rolled back otherwise.
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

    /// After the server was restarted every idle session is dead; beginning the transaction finds out, one by one.
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

/// The answer to everybody who comes after the stop.
pub(super) fn stopping() -> StorageError {
    StorageError::Unavailable("the server is stopping".to_owned())
}

/// Runs a transaction of PostgreSQL again when another one came in between; the pause grows and is uneven, so that two
/// that met once do not meet again. A value that is taken counts once as such: what the closure had looked for may have been stored
/// meanwhile, and the second run finds it.
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

/// Tells PostgreSQL to end what a process does; should that fail, it ends with the time of its statement.
pub(super) fn cancel(cancels: &Pool, process: i32) {
    let ask = |connection: &mut DbConnection| -> Result<usize, StorageError> {
        Ok(diesel::sql_query("SELECT pg_cancel_backend($1)").bind::<Integer, _>(process).execute(connection)?)
    };
    if let Err(error) = cancels.run(TransactionMode::Read, &ask) {
        tracing::warn!(%error, "cannot cancel abandoned query");
    }
}
