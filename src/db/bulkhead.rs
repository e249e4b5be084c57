//! A number of sessions for one kind of work, with a line of its own, so that no kind takes the seats of another.
//!
//! Questions that cost much have lanes apart from what everybody waits for; on PostgreSQL writes have one, too: whoever waits there for
//! a lock or for a commit keeps nobody from reading. Filings for one agency take turns, because they wait for the same row of its
//! register; so do the questions of one source, because the line of all is short.

use crate::db::error::StorageError;
use crate::db::job_queue::{JobQueue, QueueJob};
use crate::db::pool::{Pool, stopping};
use crate::kernel::client_address::ClientAddress;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::sync::oneshot;

/// How much longer than its own limit a piece of work is waited for: it ends by itself, unless the database hangs.
const GRACE: Duration = Duration::from_secs(2);

/// Sessions and the line before them.
pub(super) struct Bulkhead {
    pub(crate) line: JobQueue,
    pub(super) pool: Pool,
}

/// For how long a piece of work is waited for once it has begun; zero for as long as it takes.
#[derive(Debug, Clone)]
pub(super) struct TimeLimit {
    pub(crate) time: Duration,
    /// What is said after that.
    pub(super) too_late: StorageError,
}

impl Bulkhead {
    /// Has something done on a thread that may block, in turn with others of the same key. It is done to its end when the caller goes
    /// away in the middle, or does not wait any longer.
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

/// A piece of work on its way.
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
            // Who asked may have gone.
            let _ = self.answer.send(result);
        }
    }
}

/// Who asks a question that costs much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum QueryClass {
    /// Anybody whose source nobody has told.
    #[default]
    Public,
    /// Anybody of this source: the questions of one take turns, so that they do not fill the line of all.
    Source(i64),
    /// Whoever works for the administration; strangers do not stand in this line.
    Office,
}

impl QueryClass {
    /// Somebody of this source.
    pub(crate) fn of(source: &ClientAddress) -> Self {
        let mut hasher = DefaultHasher::new();
        source.hash(&mut hasher);
        Self::Source(hasher.finish().cast_signed())
    }

    /// With whom this asker takes turns.
    pub(crate) fn key(self) -> Option<i64> {
        match self {
            Self::Source(source) => Some(source),
            Self::Public | Self::Office => None,
        }
    }
}
