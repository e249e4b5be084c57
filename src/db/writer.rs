//! The single writer of an SQLite database: a thread with group commit.
//!
//! Takes closures of `Db::write` in order, returns one result each. Waiting jobs run together in one `BEGIN
//! IMMEDIATE … COMMIT`, each in its own savepoint, because a durable commit costs far more than a job. Rules: a
//! job that fails or panics loses only its own changes, and no result is returned before the commit (an error may
//! depend on what another job wrote). SQLite checks deferred constraints of the whole group at commit, so the
//! schema should not defer any.

use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::database_disk::DatabaseDisk;
use crate::db::error::StorageError;
use crate::db::pool::{DbSession, stopping};
use diesel::connection::SimpleConnection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Maximum number of jobs per group; limits how many clients wait in vain after a crash, no data is lost.
const GROUP_LIMIT: usize = 128;

/// A group takes no further job after this time, so that its first job does not wait long.
const GROUP_TIME: Duration = Duration::from_millis(50);

/// Interval at which freeing disk space is retried.
const MAKE_ROOM_EVERY: Duration = Duration::from_millis(200);

/// The writer thread and its queue.
pub(super) struct SqliteWriter {
    line: Mutex<Option<SyncSender<Box<dyn WriterTask>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    wait: Duration,
}

impl SqliteWriter {
    /// Starts the thread, which opens its connection with the first job. `wait` is the maximum time in the queue.
    pub(crate) fn start(
        (url, place): (DatabaseUrl, DatabaseDisk),
        settings: SessionSettings,
        queue: usize,
        wait: Duration,
    ) -> Result<Self, StorageError> {
        let (line, jobs) = sync_channel(queue);
        let mut ctx = WriterContext { url, settings, place, made_room_at: None, session: None };
        let thread = std::thread::Builder::new()
            .name("pakn-writer".to_owned())
            .spawn(move || ctx.serve(&jobs))
            .map_err(|cause| StorageError::Unavailable(format!("cannot start the writer: {cause}")))?;
        Ok(Self { line: Mutex::new(Some(line)), thread: Mutex::new(Some(thread)), wait })
    }

    /// Submits a job and waits for its commit, at most `limit` after it left the queue; zero means without limit.
    pub(super) async fn run<T, E>(
        &self,
        work: impl Fn(&mut DbConnection) -> Result<T, E> + Send + 'static,
        limit: Duration,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let ticket = Arc::new(WriteTicket::default());
        let (answer, mut answered) = oneshot::channel();
        self.hand_in(Box::new(WriteJob { work, ticket: Arc::clone(&ticket), result: None, answer }))?;
        let result = match tokio::time::timeout(self.wait, &mut answered).await {
            Ok(result) => result,
            Err(_elapsed) if ticket.give_up() => return Err(StorageError::Busy.into()),
            Err(_elapsed) if limit == Duration::ZERO => answered.await,
            Err(_elapsed) => match tokio::time::timeout(limit, answered).await {
                Ok(result) => result,
                Err(_elapsed) => return Err(StorageError::Overdue.into()),
            },
        };
        result.unwrap_or_else(|_| Err(StorageError::Unavailable("the writer has ended".to_owned()).into()))
    }

    /// Waits for all submitted jobs and stops the thread; blocks.
    pub(super) fn stop(&self) {
        drop(self.line.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("database writer thread panicked");
        }
    }

    fn hand_in(&self, job: Box<dyn WriterTask>) -> Result<(), StorageError> {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        match line.as_ref().map(|line| line.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(StorageError::Busy),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(stopping()),
        }
    }
}

/// Decides the race between the writer taking a job and its caller giving up.
#[derive(Default)]
struct WriteTicket(AtomicU8);

impl WriteTicket {
    const WAITING: u8 = 0;
    const TAKEN: u8 = 1;
    const GIVEN_UP: u8 = 2;

    fn take(&self) -> bool {
        self.leave_waiting(Self::TAKEN)
    }

    fn give_up(&self) -> bool {
        self.leave_waiting(Self::GIVEN_UP)
    }

    fn leave_waiting(&self, state: u8) -> bool {
        self.0.compare_exchange(Self::WAITING, state, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// How a job ended in its savepoint.
enum JobEnd {
    /// Commit its changes.
    Done,
    /// Roll back its changes.
    Refused,
    /// It panicked, perhaps with open transactions of its own.
    Panicked,
}

/// A closure with the channel to its caller.
trait WriterTask: Send {
    /// Returns false when nobody waits for it any more.
    fn take(&self) -> bool;
    /// Runs the closure; called again when its group is rerun.
    fn run(&mut self, connection: &mut DbConnection) -> JobEnd;
    /// Sends the result, or the failure of the commit.
    fn answer(self: Box<Self>, failure: Option<StorageError>);
}

struct WriteJob<T, E, F> {
    work: F,
    ticket: Arc<WriteTicket>,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> WriterTask for WriteJob<T, E, F>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
    F: Fn(&mut DbConnection) -> Result<T, E> + Send + 'static,
{
    fn take(&self) -> bool {
        !self.answer.is_closed() && self.ticket.take()
    }

    fn run(&mut self, connection: &mut DbConnection) -> JobEnd {
        let (result, ending) = match catch_unwind(AssertUnwindSafe(|| (self.work)(connection))) {
            Ok(Ok(value)) => (Ok(value), JobEnd::Done),
            Ok(Err(refusal)) => (Err(refusal), JobEnd::Refused),
            Err(_panic) => (Err(StorageError::Panicked.into()), JobEnd::Panicked),
        };
        self.result = Some(result);
        ending
    }

    fn answer(self: Box<Self>, failure: Option<StorageError>) {
        let result = match (failure, self.result) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(result)) => result,
            (None, None) => Err(stopping().into()),
        };
        // The caller may have gone away; the changes are stored anyway.
        let _ = self.answer.send(result);
    }
}

/// Why a group was not committed.
enum GroupFailure {
    /// The job at this index panicked.
    Panic(usize),
    Database(StorageError),
}

impl From<StorageError> for GroupFailure {
    fn from(error: StorageError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for GroupFailure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The state of the writer thread.
struct WriterContext {
    url: DatabaseUrl,
    settings: SessionSettings,
    place: DatabaseDisk,
    /// Last attempt to free disk space.
    made_room_at: Option<Instant>,
    session: Option<DbSession>,
}

impl WriterContext {
    /// Runs jobs until the queue is closed and empty.
    fn serve(&mut self, line: &Receiver<Box<dyn WriterTask>>) {
        while let Ok(job) = line.recv() {
            if job.take() {
                self.settle(vec![job], &mut || line.try_iter().find(|job| job.take()));
            }
        }
        // No `PRAGMA optimize`: the planner statistics are fixed by the migrations and suit any size, whereas
        // statistics of an empty database would ruin later plans.
        self.session = None;
    }

    /// Runs a group to completion. After a panic the other jobs are rerun; after a failed commit each job runs
    /// alone, so that only the faulty one fails.
    fn settle(&mut self, mut group: Vec<Box<dyn WriterTask>>, more: &mut dyn FnMut() -> Option<Box<dyn WriterTask>>) {
        while !group.is_empty() {
            match self.attempt(&mut group, more) {
                Ok(()) => return answer_all(group, None),
                Err(GroupFailure::Panic(place)) => {
                    self.session = None;
                    group.remove(place).answer(None);
                }
                Err(GroupFailure::Database(error)) => {
                    self.session = None;
                    let fault_of_one =
                        !matches!(error, StorageError::Unavailable(_) | StorageError::Full(_) | StorageError::Busy);
                    if !fault_of_one || group.len() == 1 {
                        return answer_all(group, Some(error));
                    }
                    return group.into_iter().for_each(|job| self.settle(vec![job], &mut || None));
                }
            }
        }
    }

    fn attempt(
        &mut self,
        group: &mut Vec<Box<dyn WriterTask>>,
        more: &mut dyn FnMut() -> Option<Box<dyn WriterTask>>,
    ) -> Result<(), GroupFailure> {
        let begun = Instant::now();
        self.make_room()?;
        let connection = self.begin()?;
        let mut place = 0;
        loop {
            if place == group.len() && place < GROUP_LIMIT && begun.elapsed() < GROUP_TIME {
                group.extend(more());
            }
            let Some(job) = group.get_mut(place) else { break };
            connection.begin_savepoint()?;
            // Fails if SQLite rolled back the whole transaction (disk full), because the savepoint is gone then.
            match job.run(connection) {
                JobEnd::Done => connection.commit()?,
                JobEnd::Refused => connection.roll_back()?,
                JobEnd::Panicked => return Err(GroupFailure::Panic(place)),
            }
            place += 1;
        }
        Ok(connection.commit()?)
    }

    /// Without disk space, checkpoints and truncates the WAL, unless a reader still needs it.
    fn make_room(&mut self) -> Result<(), StorageError> {
        let refused = self.place.check();
        let is_tried = || self.made_room_at.is_some_and(|at| at.elapsed() < MAKE_ROOM_EVERY);
        if refused.is_ok() || is_tried() {
            return refused;
        }
        self.made_room_at = Some(Instant::now());
        let mut session = DbSession::open(&self.url, Access::Write, self.settings)?;
        // Other jobs wait, so do not wait for readers of the WAL.
        session.connection.batch_execute("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)")?;
        self.place.check()
    }

    /// Returns a connection with the write lock; a session that broke while idle is replaced once.
    fn begin(&mut self) -> Result<&mut DbConnection, StorageError> {
        let mut session = match self.session.take() {
            Some(session) if !session.is_replaced(&self.url)? => session,
            _ => DbSession::open(&self.url, Access::Write, self.settings)?,
        };
        match session.connection.begin_write().map_err(StorageError::from) {
            Ok(()) => {}
            Err(StorageError::Unavailable(_)) => {
                session = DbSession::open(&self.url, Access::Write, self.settings)?;
                session.connection.begin_write()?;
            }
            Err(error) => return Err(error),
        }
        Ok(&mut self.session.insert(session).connection)
    }
}

fn answer_all(group: Vec<Box<dyn WriterTask>>, failure: Option<StorageError>) {
    group.into_iter().for_each(|job| job.answer(failure.clone()));
}
