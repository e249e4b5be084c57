//! The one writer of an SQLite database: a thread that commits in groups.
//!
//! In come closures of `Db::write`, in order; out goes one answer each. Whatever waits is run inside of one
//! `BEGIN IMMEDIATE … COMMIT`, each job in its own savepoint, because a durable commit costs far more than a job. Rules: a
//! job that fails or panics loses only its own changes, and nobody is answered before the commit has succeeded (a
//! refusal may rest on what a neighbour wrote). SQLite checks deferred constraints of the whole group at the commit, so the
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

/// The most jobs of one group: what a crash may cost its clients in waiting, never in data.
const GROUP_LIMIT: usize = 128;

/// A group takes no further job after this time, so that its first job is not kept waiting.
const GROUP_TIME: Duration = Duration::from_millis(50);

/// How often it is tried to make room while there is none.
const MAKE_ROOM_EVERY: Duration = Duration::from_millis(200);

/// The writer thread and the line before it.
pub(super) struct SqliteWriter {
    line: Mutex<Option<SyncSender<Box<dyn WriterTask>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    wait: Duration,
}

impl SqliteWriter {
    /// Starts the thread; it opens its connection with the first job. No job waits longer than that for its turn.
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

    /// Hands a job in and waits until it was committed, no longer than the limit behind its turn; zero means for ever.
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

    /// Waits until every job that was handed in is done and ends the thread; blocks.
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

/// Settles who was first: the writer that takes a job, or the caller that will not wait any longer.
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

/// How one job ended inside of its savepoint.
enum JobEnd {
    /// Keep its changes.
    Done,
    /// Undo its changes.
    Refused,
    /// It panicked, perhaps inside of transactions of its own.
    Panicked,
}

/// A closure together with the way back to its caller.
trait WriterTask: Send {
    /// False when nobody waits for it any more.
    fn take(&self) -> bool;
    /// Runs the closure; may be called again when its group has to be run again.
    fn run(&mut self, connection: &mut DbConnection) -> JobEnd;
    /// Answers with the result of the run, or with the failure of the commit.
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
        // The caller may have gone away; what it asked for is stored all the same.
        let _ = self.answer.send(result);
    }
}

/// Why a group was not committed.
enum GroupFailure {
    /// The job at this place panicked.
    Panic(usize),
    /// The database failed.
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

/// What the writer thread owns.
struct WriterContext {
    url: DatabaseUrl,
    settings: SessionSettings,
    place: DatabaseDisk,
    /// When room was last made, or could not be.
    made_room_at: Option<Instant>,
    session: Option<DbSession>,
}

impl WriterContext {
    /// Works until the line is closed and empty.
    fn serve(&mut self, line: &Receiver<Box<dyn WriterTask>>) {
        while let Ok(job) = line.recv() {
            if job.take() {
                self.settle(vec![job], &mut || line.try_iter().find(|job| job.take()));
            }
        }
        // Its statistics for the planner are fixed by the migrations: they suit a database of any size, and an empty one would
        // leave some with which nothing works later.
        self.session = None;
    }

    /// Runs a group to its end. After a panic the rest is run again; after a refused commit each job is run alone, so that
    /// only the one at fault hears of it.
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
            // Should SQLite have rolled back the whole transaction (disk full), the savepoint is gone and this fails.
            match job.run(connection) {
                JobEnd::Done => connection.commit()?,
                JobEnd::Refused => connection.roll_back()?,
                JobEnd::Panicked => return Err(GroupFailure::Panic(place)),
            }
            place += 1;
        }
        Ok(connection.commit()?)
    }

    /// Where there is no room, what the log holds is copied into the file and the log is cut, unless a reader still needs it.
    fn make_room(&mut self) -> Result<(), StorageError> {
        let refused = self.place.check();
        let is_tried = || self.made_room_at.is_some_and(|at| at.elapsed() < MAKE_ROOM_EVERY);
        if refused.is_ok() || is_tried() {
            return refused;
        }
        self.made_room_at = Some(Instant::now());
        let mut session = DbSession::open(&self.url, Access::Write, self.settings)?;
        // Others wait: whoever holds the log is not waited for.
        session.connection.batch_execute("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)")?;
        self.place.check()
    }

    /// A connection with the write lock; a session that went bad while it was idle is replaced once.
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
