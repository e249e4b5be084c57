//! `Db`, the only entry point to the database: services pass a closure, which runs in one transaction on a
//! blocking thread.
//!
//! Reads see a consistent snapshot. Writes are committed when the closure returns `Ok` and rolled back otherwise:
//! on SQLite by the single `writer` thread, on PostgreSQL through the pool, where a transaction that conflicts
//! with another is retried. Closures may therefore run more than once and must have no side effects except on the
//! connection.

use crate::db::bulkhead::{Bulkhead, QueryClass, TimeLimit};
use crate::db::connection::{Access, Backend, DatabaseUrl, DbConnection, Durability, SessionSettings};
use crate::db::database_disk::{DatabaseDisk, DatabaseDiskUsage};
use crate::db::error::{AsStorageError, StorageError};
use crate::db::job_queue::{JobQueue, QueueLimits};
use crate::db::migrate;
use crate::db::pool::{Pool, cancel, with_retries};
use crate::db::priority::lower_thread_priority;
use crate::db::query_deadline::QueryDeadline;
use crate::db::settings::DbSettings;
use crate::db::vault::Vault;
use crate::db::writer::SqliteWriter;
use crate::kernel::client_address::ClientAddress;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// Connections for the shared rate limit counters.
const COUNT_SEATS: u32 = 2;

/// Maximum number of expensive queries of one client that run or wait in the public queue.
const QUESTIONS_OF_SOURCE: u32 = 2;

/// Interval at which a PostgreSQL cancel request is repeated until the query has ended.
const CANCEL_EVERY: Duration = Duration::from_millis(100);

/// Factor by which the time limit of staff queries is longer than that of public queries.
const OFFICE_LIMIT: u32 = 6;

/// The database of one process; cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<DbInner>,
    asker: QueryClass,
    is_background: bool,
}

struct DbInner {
    url: DatabaseUrl,
    /// Provided to every closure while it runs.
    vault: Vault,
    /// Runs cancel requests to PostgreSQL; the web workers have their own runtimes, which end earlier.
    runtime: Handle,
    reads: Bulkhead,
    writing: WriteMode,
    public_questions: Bulkhead,
    office_questions: Bulkhead,
    limit: Duration,
    count_limit: Duration,
    question_limit: Duration,
    room: Option<DatabaseDisk>,
    reading: AtomicUsize,
    asking: AtomicUsize,
    written: AtomicUsize,
}

/// How writes are executed.
enum WriteMode {
    /// SQLite: a single writer thread.
    SingleWriter(SqliteWriter),
    /// PostgreSQL: a pool, with connections for cancel requests and for the counters shared by all instances.
    Pool { lane: Bulkhead, cancels: Pool, counts: Box<Bulkhead> },
}

/// Counts a request while its caller waits.
struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Db {
    /// Prepares the database; connections are opened on first use. Creates a missing SQLite file. Must be called
    /// inside a Tokio runtime that outlives it, which runs the cancel requests to PostgreSQL.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when the file cannot be created, the writer thread cannot be started, or
    /// there is no runtime.
    pub fn open(settings: &DbSettings) -> Result<Self, StorageError> {
        let DbSettings { url, connections, queue, wait, durability, statement_limit, vault, room, .. } = settings.clone();
        let session = SessionSettings { durability, statement_limit, is_parallel: true };
        let connections = connections.max(1);
        let runtime = Handle::try_current()
            .map_err(|_| StorageError::Unavailable("the database is opened outside of a runtime".to_owned()))?;
        url.create_if_missing()?;
        let lane = |name, access, session, bounds: QueueLimits, prepare| Bulkhead {
            line: JobQueue::new(name, bounds, prepare),
            pool: Pool::new(url.clone(), access, session, bounds.threads),
        };
        let bounds = |threads: u32, queue| QueueLimits { threads, queue, wait, of_key: threads };
        let of_any: fn() = || {};
        let room = url.sqlite_path().map(|path| DatabaseDisk::new(path, room));
        let (readers, writing) = match &room {
            Some(room) => {
                (connections, WriteMode::SingleWriter(SqliteWriter::start((url.clone(), room.clone()), session, queue, wait)?))
            }
            None => {
                let cancels = Pool::new(url.clone(), Access::Read, session, 1);
                let counting = SessionSettings {
                    durability: Durability::Relaxed,
                    statement_limit: settings.count_limit,
                    is_parallel: false,
                };
                let counts = Box::new(lane("pakn-count", Access::Write, counting, bounds(COUNT_SEATS, queue), of_any));
                let bounds = QueueLimits { of_key: (connections / 4).max(1), ..bounds(connections, queue) };
                let lane = lane("pakn-write", Access::Write, session, bounds, of_any);
                (connections.div_ceil(2), WriteMode::Pool { lane, cancels, counts })
            }
        };
        let asking = SessionSettings { statement_limit: settings.question_limit * OFFICE_LIMIT, is_parallel: false, ..session };
        let questions = || {
            let bounds =
                QueueLimits { of_key: QUESTIONS_OF_SOURCE, ..bounds(settings.questions.max(1), settings.question_queue) };
            let prepare = if url.backend() == Backend::Sqlite { lower_thread_priority } else { of_any };
            lane("pakn-question", Access::Read, asking, bounds, prepare)
        };
        let inner = DbInner {
            reads: lane("pakn-read", Access::Read, session, bounds(readers, queue), of_any),
            public_questions: questions(),
            office_questions: questions(),
            url: url.clone(),
            vault,
            runtime,
            writing,
            limit: statement_limit,
            count_limit: settings.count_limit,
            question_limit: settings.question_limit,
            room,
            reading: AtomicUsize::new(0),
            asking: AtomicUsize::new(0),
            written: AtomicUsize::new(0),
        };
        Ok(Self { inner: Arc::new(inner), asker: QueryClass::Public, is_background: false })
    }

    /// Returns a handle for staff queries, which have a queue separate from the public one.
    #[must_use]
    pub fn for_staff(&self) -> Self {
        Self { asker: QueryClass::Office, ..self.clone() }
    }

    /// Returns a handle for queries of one client, of which only a few may be in the public queue at once.
    #[must_use]
    pub fn for_source(&self, source: &ClientAddress) -> Self {
        Self { asker: QueryClass::of(source), ..self.clone() }
    }

    /// Returns a handle without time limits, for imports, reforms and nightly jobs.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self { is_background: true, ..self.clone() }
    }

    /// Returns the time limit of a read or write; zero means none.
    fn limit(&self) -> Duration {
        if self.is_background { Duration::ZERO } else { self.inner.limit }
    }

    /// Runs queries on one snapshot; attempts to write fail.
    ///
    /// # Errors
    /// The closure's error; [`StorageError::Busy`] and [`StorageError::Unavailable`] when it could not run.
    pub async fn read<T, E>(&self, work: impl Fn(&mut DbConnection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let _counted = InFlight::begin(&self.inner.reading);
        self.look((&self.inner.reads, None), self.limit(), work).await
    }

    /// Runs expensive queries, which have their own connections, queue and time limit. They are cancelled when the
    /// caller no longer waits for the result.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`StorageError::Busy`] when the queue is full or the time limit has passed.
    pub async fn read_bounded<T, E>(&self, work: impl Fn(&mut DbConnection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let _counted = InFlight::begin(&self.inner.asking);
        let (lane, limit) = match self.asker {
            QueryClass::Public | QueryClass::Source(_) => (&self.inner.public_questions, self.inner.question_limit),
            QueryClass::Office => (&self.inner.office_questions, self.inner.question_limit * OFFICE_LIMIT),
        };
        self.look((lane, self.asker.key()), if self.is_background { Duration::ZERO } else { limit }, work).await
    }

    /// Runs the closure in one transaction and returns after it was committed durably.
    ///
    /// On SQLite the writes of one task run in the order in which they were submitted.
    ///
    /// # Errors
    /// The closure's error, with nothing stored; [`StorageError::Busy`] and [`StorageError::Unavailable`] when it
    /// could not run or not be committed; [`StorageError::Contention`] when PostgreSQL still reports conflicts
    /// after all retries.
    pub async fn write<T, E>(&self, work: impl Fn(&mut DbConnection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + AsStorageError + Send + 'static,
    {
        self.write_queued(None, work).await
    }

    /// Writes like [`write`](Self::write), but few with the same `row` id at once: they wait for the same row lock and
    /// would occupy all connections. No effect for `None` or on SQLite, which has a single queue.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_queued<T, E>(
        &self,
        row: Option<i64>,
        work: impl Fn(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + AsStorageError + Send + 'static,
    {
        let _counted = InFlight::begin(&self.inner.written);
        let vault = self.inner.vault.clone();
        let work = move |connection: &mut DbConnection| vault.enter(|| work(connection));
        match &self.inner.writing {
            WriteMode::SingleWriter(writer) => writer.run(work, self.limit()).await,
            WriteMode::Pool { lane, .. } => {
                let limit = TimeLimit { time: self.limit(), too_late: StorageError::Overdue };
                lane.run(row, move |pool| with_retries(pool, &work), limit).await
            }
        }
    }

    /// Returns whether other processes may use the database at the same time (PostgreSQL).
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.writing, WriteMode::Pool { .. })
    }

    /// Updates counters shared by all instances, on separate connections with relaxed durability, because no
    /// request depends on them. Returns `None` on SQLite, where this is the only process, and when PostgreSQL does
    /// not answer in time (logged).
    pub async fn count<T: Send + 'static>(
        &self,
        work: impl Fn(&mut DbConnection) -> Result<T, StorageError> + Send + 'static,
    ) -> Option<T> {
        let WriteMode::Pool { counts, .. } = &self.inner.writing else { return None };
        let limit = self.inner.count_limit;
        let until = TimeLimit { time: limit, too_late: StorageError::Overdue };
        let counting = counts.run(None, move |pool| with_retries(pool, &work), until);
        let counted = tokio::time::timeout(limit, counting).await.unwrap_or(Err(StorageError::Overdue));
        counted.inspect_err(|error| tracing::warn!(%error, "shared rate limits unavailable, counting in this process only")).ok()
    }

    /// Checks that the database is reachable and fully migrated.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Busy`] when it cannot be used.
    pub async fn ping(&self) -> Result<(), StorageError> {
        let missing = self.read(migrate::pending).await?;
        if missing.is_empty() {
            return Ok(());
        }
        Err(StorageError::Unavailable(format!("migrations are missing: {}", missing.join(", "))))
    }

    /// Returns the kind of database.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.url.backend()
    }

    /// Returns the keys for personal data, for use outside a closure.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// Returns how many reads, expensive queries and writes are waiting or running, for metrics.
    #[must_use]
    pub fn in_flight(&self) -> [(&'static str, usize); 3] {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let DbInner { reading, asking, written, .. } = &*self.inner;
        [("read", count(reading)), ("question", count(asking)), ("write", count(written))]
    }

    /// Returns the disk usage of an SQLite database.
    #[must_use]
    pub fn room(&self) -> Option<DatabaseDiskUsage> {
        self.inner.room.as_ref().map(DatabaseDisk::look)
    }

    /// Checks that there is disk space for writes.
    ///
    /// # Errors
    /// [`StorageError::Full`] when there is not.
    pub async fn check_room(&self) -> Result<(), StorageError> {
        if self.inner.room.as_ref().is_none_or(|place| place.check().is_ok()) {
            return Ok(());
        }
        // An empty write makes the writer try to free space first.
        self.write(|_| Ok::<_, StorageError>(())).await
    }

    /// Returns the address of the database.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.url
    }

    /// Finishes pending work and rejects new work, for a graceful shutdown.
    pub async fn close(&self) {
        let inner = Arc::clone(&self.inner);
        let stop = move || match &inner.writing {
            WriteMode::SingleWriter(writer) => writer.stop(),
            WriteMode::Pool { .. } => {}
        };
        if self.inner.runtime.spawn_blocking(stop).await.is_err() {
            tracing::error!("database writer thread did not stop cleanly");
        }
        let DbInner { reads, public_questions, office_questions, writing, .. } = &*self.inner;
        if let WriteMode::Pool { lane, counts, .. } = writing {
            lane.line.close().await;
            counts.line.close().await;
        }
        for lane in [reads, public_questions, office_questions] {
            lane.line.close().await;
        }
    }

    /// Runs queries until the time limit, or until the caller stops waiting.
    async fn look<T, E>(
        &self,
        (lane, key): (&Bulkhead, Option<i64>),
        limit: Duration,
        work: impl Fn(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let patience = QueryDeadline::new(limit);
        let asked = CancelOnDrop { patience: patience.clone(), inner: Arc::clone(&self.inner), is_answered: false };
        let vault = self.inner.vault.clone();
        let work = move |pool: &Pool| vault.enter(|| patience.enter(|| pool.look(&patience, &work)));
        let result = lane.run(key, work, TimeLimit { time: limit, too_late: StorageError::Busy }).await;
        asked.end();
        result
    }
}

/// Cancels the query on drop, when its caller no longer waits.
struct CancelOnDrop {
    patience: QueryDeadline,
    inner: Arc<DbInner>,
    is_answered: bool,
}

impl CancelOnDrop {
    /// Marks the query as finished, unless its deadline passed before.
    fn end(mut self) {
        self.is_answered = !self.patience.is_expired();
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        self.patience.cancel();
        if let WriteMode::Pool { cancels, .. } = &self.inner.writing {
            let (patience, cancels) = (self.patience.clone(), cancels.clone());
            self.inner.runtime.spawn_blocking(move || {
                // A cancel request that arrives between two statements has no effect, so it is repeated until the
                // query has ended.
                while patience.with_process(|process| cancel(&cancels, process)) {
                    std::thread::sleep(CANCEL_EVERY);
                }
            });
        }
    }
}
