//! Bulkheads: each kind of database work has its own connections and queue, so that one kind cannot starve
//! another.
//!
//! Expensive queries are separate from normal reads; on PostgreSQL writes are separate too, so that waiting for a
//! lock or a commit never blocks reads. Work with the same key is limited: filings for one agency wait for the
//! same register row, and the queries of one client must not fill the shared queue.

use crate::db::error::StorageError;
use crate::db::job_queue::{JobQueue, QueueJob};
use crate::db::pool::{Pool, stopping};
use crate::kernel::client_address::ClientAddress;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::sync::oneshot;

/// Extra time to wait beyond a job's own limit: a job ends by itself, unless the database hangs.
const GRACE: Duration = Duration::from_secs(2);

/// A connection pool with its queue.
pub(super) struct Bulkhead {
    pub(crate) line: JobQueue,
    pub(super) pool: Pool,
}

/// How long the caller waits once a job has started; zero means without limit.
#[derive(Debug, Clone)]
pub(super) struct TimeLimit {
    pub(crate) time: Duration,
    /// The error returned after that.
    pub(super) too_late: StorageError,
}

impl Bulkhead {
    /// Runs work on a blocking thread, limiting concurrent work of the same key. The work runs to its end even
    /// when the caller stops waiting.
    pub(super) async fn run<T, E>(
        &self,
        key: Option<i64>,
        work: impl FnOnce(&Pool) -> Result<T, E> + Send + 'static,
        limit: TimeLimit,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let pool = self.pool.clone();
        let piece = BulkheadJob { work: Some(move || work(&pool)), result: None, answer };
        self.line.enqueue(key, Box::new(piece))?.begun().await?;
        let done = async { answered.await.unwrap_or_else(|_ended| Err(stopping().into())) };
        match limit.time {
            Duration::ZERO => done.await,
            time => tokio::time::timeout(time + GRACE, done).await.unwrap_or_else(|_elapsed| Err(limit.too_late.into())),
        }
    }
}

/// A queued job with its result channel.
struct BulkheadJob<T, E, F> {
    work: Option<F>,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> QueueJob for BulkheadJob<T, E, F>
where
    T: Send,
    E: From<StorageError> + Send,
    F: FnOnce() -> Result<T, E> + Send,
{
    fn work(&mut self) {
        self.result = self
            .work
            .take()
            .map(|work| catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_panic| Err(StorageError::Panicked.into())));
    }

    fn answer(self: Box<Self>) {
        if let Some(result) = self.result {
            // The caller may have gone away.
            let _ = self.answer.send(result);
        }
    }
}

/// The class of an expensive query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum QueryClass {
    /// Public, from an unknown client.
    #[default]
    Public,
    /// Public, from this client; limited per client, so that one cannot fill the shared queue.
    Source(i64),
    /// From staff, with a separate queue.
    Office,
}

impl QueryClass {
    /// Returns the class for a client address.
    pub(crate) fn of(source: &ClientAddress) -> Self {
        let mut hasher = DefaultHasher::new();
        source.hash(&mut hasher);
        Self::Source(hasher.finish().cast_signed())
    }

    /// Returns the key by which concurrent queries are limited.
    pub(crate) fn key(self) -> Option<i64> {
        match self {
            Self::Source(source) => Some(source),
            Self::Public | Self::Office => None,
        }
    }
}
