//! Threads for questions that cost much, which the scheduler puts behind everything else that this process does.
//!
//! Only where the work is done in this process, on SQLite; PostgreSQL's own processes are its server's affair.

use crate::storage::error::StorageError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// A number of threads; they end with the value.
pub(super) struct Threads {
    line: Mutex<Sender<Job>>,
}

impl Threads {
    /// Starts them.
    pub(super) fn start(count: u32) -> Result<Self, StorageError> {
        let (line, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..count {
            let jobs = Arc::clone(&jobs);
            std::thread::Builder::new()
                .name("pakn-question".to_owned())
                .spawn(move || work(&jobs))
                .map_err(|cause| StorageError::Unavailable(format!("cannot start a thread: {cause}")))?;
        }
        Ok(Self { line: Mutex::new(line) })
    }

    /// Has something done; there have to be no more jobs than threads, or they wait.
    pub(super) fn run<T, E>(&self, job: impl FnOnce() -> Result<T, E> + Send + 'static) -> oneshot::Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            let result = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| Err(StorageError::Panicked.into()));
            // Who asked may have gone.
            let _ = answer.send(result);
        });
        // Without threads the job is dropped, which its caller notices.
        let _ = self.line.lock().unwrap_or_else(PoisonError::into_inner).send(job);
        answered
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    #[cfg(target_os = "linux")]
    stand_behind();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

/// Leaves the processor at once to whatever else wants it. A `nice` value would not do: the scheduler lets such a thread finish
/// its slice of some milliseconds first, at every step of somebody else's request.
#[cfg(target_os = "linux")]
fn stand_behind() {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, unix};
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    let is_set = unix::set_thread_priority_and_policy(unix::thread_native_id(), ThreadPriority::Min, idle);
    // Where the process itself was started with a `nice` value, the policy is set and only the way back to none refused.
    if let Err(cause) = is_set
        && unix::thread_schedule_policy().ok() != Some(idle)
    {
        tracing::warn!(?cause, "questions have the priority of everything else");
    }
}
