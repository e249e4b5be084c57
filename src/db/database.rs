//! The one gate to blocking work: services hand in a closure, it runs inside of one transaction on a thread that may block.
//!
//! Reads see one state of the database. Writes are committed when the closure returns `Ok` and rolled back otherwise; on
//! SQLite through the single `writer` thread, on PostgreSQL through the pool, where a transaction that met another one is
//! run again. Closures may therefore run more than once and must not do anything but use the connection.

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

/// Sessions that count.
const COUNT_SEATS: u32 = 2;

/// So many questions of one source are worked on or stand in the line of the public.
const QUESTIONS_OF_SOURCE: u32 = 2;

/// How often PostgreSQL is told to cancel until it has.
const CANCEL_EVERY: Duration = Duration::from_millis(100);

/// How much longer than strangers those may ask who work for the administration.
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
    /// Lent to every closure for as long as it runs.
    vault: Vault,
    /// Where what is told to PostgreSQL blocks; the web server's workers have runtimes of their own, which end before.
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

/// Who writes.
enum WriteMode {
    /// On SQLite, where only one may at a time.
    SingleWriter(SqliteWriter),
    /// On PostgreSQL, with the sessions that tell it to cancel, and those for what all instances count together.
    Pool { lane: Bulkhead, cancels: Pool, counts: Box<Bulkhead> },
}

/// Counts a piece of work for as long as somebody waits for it.
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
    /// Prepares the gate; connections are opened when they are first needed. Creates the file of an SQLite database. What
    /// has to be told to PostgreSQL beside the work goes to the runtime that this is called on, which has to outlive it.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when the file cannot be created, the writer thread cannot be started, or no runtime is
    /// there.
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

    /// The same database, for questions of whoever works for the administration: they do not stand in the line of the public.
    #[must_use]
    pub fn for_staff(&self) -> Self {
        Self { asker: QueryClass::Office, ..self.clone() }
    }

    /// The same database, for questions of this source: only a few of them stand in the line of the public at once.
    #[must_use]
    pub fn for_source(&self, source: &ClientAddress) -> Self {
        Self { asker: QueryClass::of(source), ..self.clone() }
    }

    /// The same database, for work that may take as long as it takes: imports, reforms, what happens at night.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self { is_background: true, ..self.clone() }
    }

    /// How long a read or write may take.
    fn limit(&self) -> Duration {
        if self.is_background { Duration::ZERO } else { self.inner.limit }
    }

    /// Runs queries that all see the same state; an attempt to write fails.
    ///
    /// # Errors
    /// What the closure returns; [`StorageError::Busy`] and [`StorageError::Unavailable`] when it could not run.
    pub async fn read<T, E>(&self, work: impl Fn(&mut DbConnection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let _counted = InFlight::begin(&self.inner.reading);
        self.look((&self.inner.reads, None), self.limit(), work).await
    }

    /// Runs queries that may take long: with seats, a line and a limit of their own. They end when nobody waits for the answer any more.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`StorageError::Busy`] when their line is full or their time is over.
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
    /// On SQLite the writes of one task run in the order in which they were handed in.
    ///
    /// # Errors
    /// What the closure returns, with nothing stored; [`StorageError::Busy`] and [`StorageError::Unavailable`] when it could
    /// not run or not be committed; [`StorageError::Contention`] when PostgreSQL refused it again and again.
    pub async fn write<T, E>(&self, work: impl Fn(&mut DbConnection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + AsStorageError + Send + 'static,
    {
        self.write_queued(None, work).await
    }

    /// The same, after waiting with all others who are about to wait for the row of this number: they take a few seats and leave the
    /// rest to others. Without a number it waits for nobody, and on SQLite everybody stands in one line anyway.
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

    /// Whether other processes may use it at the same time.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.writing, WriteMode::Pool { .. })
    }

    /// Counts what all instances count together, in sessions of its own that do not wait for the disk: nobody's request depends on it.
    /// None on SQLite, where this process is the only one, and where PostgreSQL does not answer in time; the cause is in the log then.
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

    /// Whether the database can be reached and has every migration.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] or [`StorageError::Busy`] when it cannot serve.
    pub async fn ping(&self) -> Result<(), StorageError> {
        let missing = self.read(migrate::pending).await?;
        if missing.is_empty() {
            return Ok(());
        }
        Err(StorageError::Unavailable(format!("migrations are missing: {}", missing.join(", "))))
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.url.backend()
    }

    /// The keys of personal data, for what is sealed outside of a closure.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    /// How many reads, questions and writes are waiting or at work, for the figures of operators.
    #[must_use]
    pub fn in_flight(&self) -> [(&'static str, usize); 3] {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let DbInner { reading, asking, written, .. } = &*self.inner;
        [("read", count(reading)), ("question", count(asking)), ("write", count(written))]
    }

    /// How much room an SQLite database takes and has.
    #[must_use]
    pub fn room(&self) -> Option<DatabaseDiskUsage> {
        self.inner.room.as_ref().map(DatabaseDisk::look)
    }

    /// Whether something may be written.
    ///
    /// # Errors
    /// [`StorageError::Full`] where there is no room.
    pub async fn check_room(&self) -> Result<(), StorageError> {
        if self.inner.room.as_ref().is_none_or(|place| place.check().is_ok()) {
            return Ok(());
        }
        // Whoever writes makes room first, where that is possible.
        self.write(|_| Ok::<_, StorageError>(())).await
    }

    /// Where the database is.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.url
    }

    /// Finishes the work that was handed in and refuses any further, for an orderly stop of the process.
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

    /// Runs queries for as long as there is patience, and somebody who waits for them.
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

/// Somebody who waits for an answer; when they go, the work for it ends.
struct CancelOnDrop {
    patience: QueryDeadline,
    inner: Arc<DbInner>,
    is_answered: bool,
}

impl CancelOnDrop {
    /// There is an answer, unless the time was over before.
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
                // A request that comes between two statements is lost, so it is repeated until the work has ended.
                while patience.with_process(|process| cancel(&cancels, process)) {
                    std::thread::sleep(CANCEL_EVERY);
                }
            });
        }
    }
}
