//! A bounded line of jobs that block, and the threads that work through it.
//!
//! Enters a job, leaves a place in line. Rules kept here: first come, first served; of one key only a few jobs stand in the line or are
//! worked on, the others wait beside it and take no place of others; a job is in line or on a thread and never in between, so that a
//! caller who has gone, or is not polled, holds nothing that anybody else waits for.

use crate::db::error::StorageError;
use crate::db::pool::stopping;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// The longest wait for the work in hand when the line closes.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// How many may work and wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueLimits {
    /// So many jobs are worked on at once, each on a thread of its own.
    pub(super) threads: u32,
    /// So many more stand in line.
    pub(crate) queue: usize,
    /// Nobody waits longer for their turn.
    pub(super) wait: Duration,
    /// So many jobs of one key stand in line or are worked on; as many as stand in line wait beside it.
    pub(super) of_key: u32,
}

/// Work that blocks, and the way back to whoever waits for it.
pub(super) trait QueueJob: Send {
    /// Does it; must not panic.
    fn work(&mut self);
    /// Gives its result away, after its thread is free for others.
    fn answer(self: Box<Self>);
}

/// The line; its threads start when they are first needed, and end with it.
pub(super) struct JobQueue {
    shared: Arc<QueueShared>,
}

struct QueueShared {
    name: &'static str,
    bounds: QueueLimits,
    /// What each thread does first.
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
    /// In line or worked on.
    going: u32,
    beside: VecDeque<QueuedJob>,
}

struct QueuedJob {
    number: u64,
    key: Option<i64>,
    job: Box<dyn QueueJob>,
    /// Told when it begins, where it does not begin at once.
    begins: Option<oneshot::Sender<()>>,
}

/// Where somebody's job stands; it is taken out of the line when they go.
pub(crate) struct QueuePosition {
    shared: Arc<QueueShared>,
    number: u64,
    key: Option<i64>,
    begins: Option<oneshot::Receiver<()>>,
}

impl JobQueue {
    /// A line whose threads have this name and do `prepare` first.
    pub(crate) fn new(name: &'static str, bounds: QueueLimits, prepare: fn()) -> Self {
        let (state, come, emptied) = (Mutex::default(), Condvar::new(), Notify::new());
        Self { shared: Arc::new(QueueShared { name, bounds, prepare, state, come, emptied }) }
    }

    /// Takes a place for a job; of those with the same key only a few are worked on at once.
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
        // A thread that cannot be had is no harm as long as another one comes to this job.
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

    /// Lets nobody in any more and waits until everybody inside is done.
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
    /// Waits until the job has begun.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when it has not in time; it will not be done then.
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

    /// Works until the line is closed and empty.
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
                // Whoever waited may have gone just now; the work is done all the same.
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

    /// Takes a job out that has not begun; false when it has.
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

    /// One of this key is done or has gone; the next one of it gets into the line.
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

    /// Says when more of its kind are at work than may be.
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
            // Every fifth goes again at once; what has begun by then is done all the same.
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
