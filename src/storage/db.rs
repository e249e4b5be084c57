//! The one gate to blocking work: services hand in a closure, it runs inside of one transaction on a thread that may block.
//!
//! Reads see one state of the database. Writes are committed when the closure returns `Ok` and rolled back otherwise; on
//! SQLite through the single `writer` thread, on PostgreSQL through the pool, where a transaction that met another one is
//! run again. Closures may therefore run more than once and must not do anything but use the connection.

use crate::storage::connection::{Access, Backend, DatabaseUrl, DbConnection, Durability, SessionSettings};
use crate::storage::error::{AsStorageError, StorageError};
use crate::storage::migrate;
use crate::storage::pool::{Gate, Pool, Transaction};
use crate::storage::vault::Vault;
use crate::storage::writer::Writer;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// How often a PostgreSQL transaction is run before its contention is reported.
const ATTEMPTS: u32 = 6;

/// How to open a database.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Connections kept open: all of them on PostgreSQL, the readers on SQLite.
    pub connections: u32,
    /// How many reads, and how many writes, may wait before further ones are answered [`StorageError::Busy`].
    pub queue: usize,
    /// How long a read or a write may wait for its turn before it is answered [`StorageError::Busy`].
    pub wait: Duration,
    /// What acknowledged writes survive.
    pub durability: Durability,
    /// When PostgreSQL gives a statement up, which is then answered [`StorageError::Busy`]; zero means never, for work
    /// that goes through everything.
    pub statement_limit: Duration,
    /// The keys of personal data; without any, nothing personal can be written or read.
    pub vault: Vault,
}

impl DbSettings {
    /// The settings for a server of modest size.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        let connections = match url.backend() {
            Backend::Sqlite => 4,
            Backend::Postgres => 16,
        };
        Self {
            url,
            connections,
            queue: 1024,
            wait: Duration::from_secs(5),
            durability: Durability::Full,
            statement_limit: Duration::from_secs(15),
            vault: Vault::default(),
        }
    }
}

/// The database of one process; cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    url: DatabaseUrl,
    /// Lent to every closure for as long as it runs.
    vault: Vault,
    /// Where the blocking threads belong. The web server's workers have runtimes of their own; with threads for each of them
    /// the process would keep several times as many as there are connections.
    runtime: Handle,
    gate: Gate,
    pool: Pool,
    /// Present on SQLite, where only one may write at a time.
    writer: Option<Writer>,
    reads: AtomicUsize,
    writes: AtomicUsize,
}

/// Counts a piece of work for as long as somebody waits for it.
struct InHand<'a>(&'a AtomicUsize);

impl<'a> InHand<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Db {
    /// Prepares the gate; connections are opened when they are first needed. Creates the file of an SQLite database. All
    /// blocking work goes to the threads of the runtime that this is called on, which has to outlive it.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when the file cannot be created, the writer thread cannot be started, or no runtime is
    /// there.
    pub fn open(settings: &DbSettings) -> Result<Self, StorageError> {
        let DbSettings { url, connections, queue, wait, durability, statement_limit, vault } = settings.clone();
        let settings = SessionSettings { durability, statement_limit };
        let connections = connections.max(1);
        let runtime = Handle::try_current()
            .map_err(|_| StorageError::Unavailable("the database is opened outside of a runtime".to_owned()))?;
        url.create_if_missing()?;
        let (access, writer) = match url.backend() {
            Backend::Sqlite => (Access::Read, Some(Writer::start(url.clone(), settings, queue, wait)?)),
            Backend::Postgres => (Access::Write, None),
        };
        let pool = Pool::new(url.clone(), access, settings, connections);
        let inner = Inner {
            url,
            vault,
            runtime,
            gate: Gate::new(connections, queue, wait),
            pool,
            writer,
            reads: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
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
        let _counted = InHand::begin(&self.inner.reads);
        let vault = self.inner.vault.clone();
        self.on_the_pool(move |pool| vault.lend(|| pool.run(Transaction::Read, &work))).await
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
        let _counted = InHand::begin(&self.inner.writes);
        let vault = self.inner.vault.clone();
        let work = move |connection: &mut DbConnection| vault.lend(|| work(connection));
        match &self.inner.writer {
            Some(writer) => writer.run(work).await,
            None => self.on_the_pool(move |pool| with_retries(pool, &work)).await,
        }
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

    /// How many reads and how many writes are waiting or at work, for the figures of operators.
    #[must_use]
    pub fn in_hand(&self) -> (usize, usize) {
        (self.inner.reads.load(Ordering::Relaxed), self.inner.writes.load(Ordering::Relaxed))
    }

    /// Where the database is.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.url
    }

    /// Finishes the work that was handed in and refuses any further, for an orderly stop of the process.
    pub async fn close(&self) {
        if self.inner.writer.is_some() {
            let inner = Arc::clone(&self.inner);
            let stopped = self.inner.runtime.spawn_blocking(move || inner.writer.as_ref().map(Writer::stop)).await;
            if stopped.is_err() {
                tracing::error!("the writer did not stop in order");
            }
        }
        self.inner.gate.close().await;
    }

    /// Waits for a seat and moves over to a thread that may block. The seat goes along: it stays taken when the caller
    /// goes away in the middle.
    async fn on_the_pool<T, E>(&self, work: impl FnOnce(&Pool) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let seat = self.inner.gate.enter().await?;
        let pool = self.inner.pool.clone();
        let done = self.inner.runtime.spawn_blocking(move || {
            let result = work(&pool);
            drop(seat);
            result
        });
        match done.await {
            Ok(result) => result,
            Err(failure) if failure.is_panic() => Err(StorageError::Panicked.into()),
            Err(_cancelled) => Err(StorageError::Unavailable("the server is stopping".to_owned()).into()),
        }
    }
}

/// Runs a transaction of PostgreSQL again when another one came in between; the pause grows and is uneven, so that two
/// that met once do not meet again. A value that is taken counts once as such: what the closure had looked for may have been stored
/// meanwhile, and the second run finds it.
fn with_retries<T, E>(pool: &Pool, work: &impl Fn(&mut DbConnection) -> Result<T, E>) -> Result<T, E>
where
    E: From<StorageError> + AsStorageError,
{
    let (mut attempt, mut was_taken) = (1, false);
    loop {
        let result = pool.run(Transaction::Write, work);
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
