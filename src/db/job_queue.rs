//! A bounded queue of blocking jobs and the threads that run them.
//!
//! Takes a job, returns its queue position. Rules: FIFO; only a few jobs of one key are in the queue or running,
//! further ones wait aside without using queue capacity; a job is always either queued or running, so a caller
//! that was dropped or is not polled holds nothing that others wait for.

use crate::db::error::StorageError;
use crate::db::pool::stopping;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Maximum time to wait for running jobs when the queue closes.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// Limits of a queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueLimits {
    /// Number of threads, and so of jobs running at once.
    pub(super) threads: u32,
    /// Number of jobs that may wait.
    pub(crate) queue: usize,
    /// Maximum waiting time of a job.
    pub(super) wait: Duration,
    /// Number of jobs of one key that may be queued or running; up to `queue` more wait aside.
    pub(super) of_key: u32,
}

/// A blocking job that delivers its own result.
pub(super) trait QueueJob: Send {
    /// Runs the job; must not panic.
    fn work(&mut self);
    /// Delivers the result, after the thread has been released.
    fn answer(self: Box<Self>);
}

/// The queue; its threads start on demand and end with it.
pub(super) struct JobQueue {
    shared: Arc<QueueShared>,
}

struct QueueShared {
    name: &'static str,
    bounds: QueueLimits,
    /// Runs first on each thread.
    prepare: fn(),
    state: Mutex<QueueState>,
    come: Condvar,
    emptied: Notify,
}

#[derive(Default)]
struct QueueState {
    last: u64,
    line: VecDeque<QueuedJob>,
    keys: HashMap<i64, KeyQueue>,
    working: usize,
    threads: usize,
    is_closed: bool,
}

/// The jobs of one key.
#[derive(Default)]
struct KeyQueue {
    /// Number queued or running.
    going: u32,
    beside: VecDeque<QueuedJob>,
}

struct QueuedJob {
    number: u64,
    key: Option<i64>,
    job: Box<dyn QueueJob>,
    /// Notified when the job starts, unless it started at once.
    begins: Option<oneshot::Sender<()>>,
}

/// A place in the queue; dropping it removes a job that has not started.
pub(crate) struct QueuePosition {
    shared: Arc<QueueShared>,
    number: u64,
    key: Option<i64>,
    begins: Option<oneshot::Receiver<()>>,
}

impl JobQueue {
    /// Creates a queue whose threads have this name and call `prepare` first.
    pub(crate) fn new(name: &'static str, bounds: QueueLimits, prepare: fn()) -> Self {
        let (state, come, emptied) = (Mutex::default(), Condvar::new(), Notify::new());
        Self { shared: Arc::new(QueueShared { name, bounds, prepare, state, come, emptied }) }
    }

    /// Enqueues a job; only a few jobs with the same key run at once.
    pub(crate) fn enqueue(&self, key: Option<i64>, job: Box<dyn QueueJob>) -> Result<QueuePosition, StorageError> {
        let shared = &self.shared;
        let QueueLimits { threads, queue, of_key, .. } = shared.bounds;
        let threads = usize::try_from(threads).unwrap_or(1).max(1);
        let mut state = shared.lock();
        if state.is_closed {
            return Err(stopping());
        }
        state.last += 1;
        let number = state.last;
        let is_its_turn = match key {
            None => true,
            Some(key) => {
                let of = state.keys.get(&key);
                let is_its_turn = of.is_none_or(|of| of.going < of_key);
                if !is_its_turn && of.is_some_and(|of| of.beside.len() >= queue) {
                    return Err(StorageError::Busy);
                }
                is_its_turn
            }
        };
        let ahead = state.working + state.line.len();
        if is_its_turn && ahead >= threads.saturating_add(queue) {
            return Err(StorageError::Busy);
        }
        // Failing to start a thread is harmless as long as another thread can run the job.
        if is_its_turn && ahead >= state.threads && state.threads < threads {
            match QueueShared::start_thread(shared) {
                Ok(()) => state.threads += 1,
                Err(cause) if state.threads == 0 => return Err(cause),
                Err(cause) => tracing::warn!(error = %cause, "cannot start a database thread, continuing with fewer"),
            }
        }
        let (begins, told) = (!is_its_turn || ahead >= state.threads).then(oneshot::channel).unzip();
        let waiting = QueuedJob { number, key, job, begins };
        match key.map(|key| state.keys.entry(key).or_default()) {
            Some(of) if !is_its_turn => of.beside.push_back(waiting),
            of => {
                if let Some(of) = of {
                    of.going += 1;
                }
                state.line.push_back(waiting);
                shared.come.notify_one();
            }
        }
        drop(state);
        Ok(QueuePosition { shared: Arc::clone(shared), number, key, begins: told })
    }

    /// Rejects new jobs and waits until all queued and running jobs are done.
    pub(super) async fn close(&self) {
        self.shared.lock().is_closed = true;
        self.shared.come.notify_all();
        let drained = async {
            while !self.shared.lock().is_empty() {
                self.shared.emptied.notified().await;
            }
        };
        if tokio::time::timeout(DRAIN_LIMIT, drained).await.is_err() {
            tracing::warn!(line = self.shared.name, "timed out waiting for database work to finish");
        }
    }
}

impl Drop for JobQueue {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.come.notify_all();
    }
}

impl QueuePosition {
    /// Waits until the job has started.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when it did not start in time; it will not run then.
    pub(crate) async fn begun(&mut self) -> Result<(), StorageError> {
        let Some(begins) = &mut self.begins else { return Ok(()) };
        let is_told = tokio::time::timeout(self.shared.bounds.wait, begins).await.is_ok();
        self.begins = None;
        match !is_told && self.shared.take_out(self.number, self.key) {
            true => Err(StorageError::Busy),
            false => Ok(()),
        }
    }
}

impl Drop for QueuePosition {
    fn drop(&mut self) {
        if self.begins.is_some() {
            self.shared.take_out(self.number, self.key);
        }
    }
}

impl QueueShared {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_thread(shared: &Arc<Self>) -> Result<(), StorageError> {
        let of_thread = Arc::clone(shared);
        let started = std::thread::Builder::new().name(shared.name.to_owned()).spawn(move || of_thread.work());
        started.map(drop).map_err(|cause| StorageError::Unavailable(format!("cannot start a thread: {cause}")))
    }

    /// Runs jobs until the queue is closed and empty.
    fn work(&self) {
        (self.prepare)();
        let mut state = self.lock();
        loop {
            let Some(QueuedJob { key, mut job, begins, .. }) = state.line.pop_front() else {
                if state.is_closed {
                    return;
                }
                state = self.come.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            state.working += 1;
            drop(state);
            if let Some(begins) = begins {
                // The caller may be gone; the job runs anyway.
                let _ = begins.send(());
            }
            job.work();
            state = self.lock();
            state.working -= 1;
            state.leave(key);
            if state.is_closed && state.is_empty() {
                self.emptied.notify_one();
            }
            drop(state);
            job.answer();
            state = self.lock();
        }
    }

    /// Removes a job that has not started; returns false when it has.
    fn take_out(&self, number: u64, key: Option<i64>) -> bool {
        let mut state = self.lock();
        let of = |line: &VecDeque<QueuedJob>| line.iter().position(|waiting| waiting.number == number);
        let taken = match of(&state.line) {
            Some(at) => {
                let taken = state.line.remove(at);
                state.leave(key);
                self.come.notify_one();
                taken
            }
            None => key
                .and_then(|key| state.keys.get_mut(&key))
                .and_then(|beside| of(&beside.beside).and_then(|at| beside.beside.remove(at))),
        };
        if state.is_closed && state.is_empty() {
            self.emptied.notify_one();
        }
        drop(state);
        taken.is_some()
    }
}

impl QueueState {
    fn is_empty(&self) -> bool {
        self.working == 0 && self.line.is_empty() && self.keys.is_empty()
    }

    /// Called when a job of this key has finished or was removed; moves the next one of the key into the queue.
    fn leave(&mut self, key: Option<i64>) {
        let Some((key, of)) = key.and_then(|key| Some((key, self.keys.get_mut(&key)?))) else { return };
        match of.beside.pop_front() {
            Some(next) => self.line.push_back(next),
            None => of.going -= 1,
        }
        if of.going == 0 {
            self.keys.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Detects whether more jobs of its kind run than allowed.
    struct CountingJob {
        going: Arc<AtomicUsize>,
        most: usize,
        done: Arc<AtomicUsize>,
        tell: oneshot::Sender<bool>,
        is_right: bool,
    }

    impl QueueJob for CountingJob {
        fn work(&mut self) {
            self.is_right = self.going.fetch_add(1, Ordering::SeqCst) < self.most;
            std::thread::yield_now();
            self.going.fetch_sub(1, Ordering::SeqCst);
            self.done.fetch_add(1, Ordering::SeqCst);
        }

        fn answer(self: Box<Self>) {
            let _ = self.tell.send(self.is_right);
        }
    }

    #[tokio::test]
    async fn of_one_key_a_few_go_on_and_nobody_is_forgotten() {
        let bounds = QueueLimits { threads: 3, queue: 400, wait: Duration::from_secs(60), of_key: 2 };
        let line = JobQueue::new("test", bounds, || {});
        let going: [Arc<AtomicUsize>; 3] = std::array::from_fn(|_| Arc::default());
        let done = Arc::new(AtomicUsize::new(0));
        let (mut waiting, mut gone) = (Vec::new(), 0);
        for n in 0..600_usize {
            let key = n * 7 % 3;
            let most = if key == 0 { 3 } else { 2 };
            let (tell, told) = oneshot::channel();
            let job = CountingJob { going: Arc::clone(&going[key]), most, done: Arc::clone(&done), tell, is_right: false };
            let key = (key > 0).then(|| i64::try_from(key).unwrap_or_default());
            let place = line.enqueue(key, Box::new(job)).map_err(|error| error.to_string()).unwrap();
            // Every fifth caller is dropped at once; jobs that have started by then still run.
            if n % 5 == 0 {
                drop(place);
                gone += usize::from(told.await.is_err());
            } else {
                waiting.push((place, told));
            }
        }
        for (mut place, told) in waiting {
            assert!(place.begun().await.is_ok());
            assert_eq!(told.await, Ok(true));
        }
        line.close().await;
        assert_eq!(done.load(Ordering::SeqCst) + gone, 600);
        let state = line.shared.lock();
        assert!(state.is_empty() && state.keys.is_empty());
        drop(state);
        let (tell, _told) = oneshot::channel();
        let late = CountingJob { going: Arc::default(), most: 1, done, tell, is_right: false };
        assert!(line.enqueue(None, Box::new(late)).is_err(), "nobody comes in after the end");
    }
}
