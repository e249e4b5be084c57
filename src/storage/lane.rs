//! A number of sessions for one kind of work, with a line of its own, so that no kind takes the seats of another.
//!
//! Questions that cost much have lanes apart from what everybody waits for; on PostgreSQL writes have one, too: whoever waits there for
//! a lock or for a commit keeps nobody from reading. Filings for one agency take turns ahead of all that ([`Turns`]), because they
//! wait for the same row of its register; so do the questions of one source, because the line of all is short.

use crate::domain::source::Source;
use crate::storage::error::StorageError;
use crate::storage::pool::{Gate, Pool, Seat, stopping};
use crate::storage::threads::Threads;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;

/// How much longer than its own limit a piece of work is waited for: it ends by itself, unless the database hangs.
const GRACE: Duration = Duration::from_secs(2);

/// So many lines are kept before those in which nobody stands are forgotten.
const MOST_LINES: usize = 4096;

/// Sessions and the line before them.
pub(super) struct Lane {
    pub(super) gate: Gate,
    pub(super) pool: Pool,
    /// Where the work is done, if not on the threads of everything else.
    pub(super) threads: Option<Threads>,
}

impl Lane {
    /// Waits for a seat and moves over to a thread that may block. The seat goes along: it stays taken when the caller
    /// goes away in the middle, or does not wait any longer.
    pub(super) async fn run<T, E>(
        &self,
        runtime: &Handle,
        work: impl FnOnce(&Pool) -> Result<T, E> + Send + 'static,
        limit: Duration,
        too_late: StorageError,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let seat = self.gate.enter().await?;
        let pool = self.pool.clone();
        let work = move || {
            let result = work(&pool);
            drop(seat);
            result
        };
        let done = async {
            match &self.threads {
                Some(threads) => threads.run(work).await.unwrap_or_else(|_ended| Err(stopping().into())),
                None => match runtime.spawn_blocking(work).await {
                    Ok(result) => result,
                    Err(failure) if failure.is_panic() => Err(StorageError::Panicked.into()),
                    Err(_cancelled) => Err(stopping().into()),
                },
            }
        };
        match limit {
            Duration::ZERO => done.await,
            limit => tokio::time::timeout(limit + GRACE, done).await.unwrap_or_else(|_elapsed| Err(too_late.into())),
        }
    }
}

/// Who asks a question that costs much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Asker {
    /// Anybody whose source nobody has told.
    #[default]
    Public,
    /// Anybody of this source: the questions of one take turns in a line of their own, ahead of the line of all.
    Source(i64),
    /// Whoever works for the administration; strangers do not stand in this line.
    Office,
}

impl Asker {
    /// Somebody of this source.
    pub(super) fn of(source: &Source) -> Self {
        let mut hasher = DefaultHasher::new();
        source.hash(&mut hasher);
        Self::Source(hasher.finish().cast_signed())
    }

    /// Waits until it is the turn of this asker among those of the same source.
    pub(super) async fn turn(self, sources: &Turns) -> Result<Option<Seat>, StorageError> {
        match self {
            Self::Source(source) => Ok(Some(sources.take(source).await?)),
            Self::Public | Self::Office => Ok(None),
        }
    }
}

/// One line for each key that many wait for.
pub(super) struct Turns {
    at_once: u32,
    queue: usize,
    wait: Duration,
    lines: Mutex<HashMap<i64, Arc<Gate>>>,
}

impl Turns {
    /// For each key `at_once` may go on, `queue` more may wait, none longer than `wait`.
    pub(super) fn new(at_once: u32, queue: usize, wait: Duration) -> Self {
        Self { at_once, queue, wait, lines: Mutex::default() }
    }

    /// Waits for one's turn.
    pub(super) async fn take(&self, key: i64) -> Result<Seat, StorageError> {
        let line = {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() >= MOST_LINES {
                lines.retain(|_, line| !line.is_empty());
            }
            Arc::clone(lines.entry(key).or_insert_with(|| Arc::new(Gate::new(self.at_once, self.queue, self.wait))))
        };
        line.enter().await
    }
}
