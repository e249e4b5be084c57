//! Status of the worker, for the metrics: written by the jobs and read by `ops::metrics`. Also tells whether
//! the process is shutting down.

use crate::audit::anchor_status::AnchorStatuses;
use crate::kernel::Instant;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tokio::sync::Notify;

/// Worker counters of one process.
#[derive(Debug, Default)]
pub struct WorkerStatus {
    acted: AtomicI64,
    failed: AtomicI64,
    failed_rounds: AtomicI64,
    last_round: AtomicI64,
    differences: AtomicI64,
    anchors: AnchorStatuses,
    rounds: Notify,
    is_leaving: AtomicBool,
}

impl WorkerStatus {
    /// Marks the process as shutting down, so that readiness fails and load balancers turn away.
    pub fn begin_shutdown(&self) {
        self.is_leaving.store(true, Ordering::Release);
    }

    /// Returns whether the process is shutting down.
    #[must_use]
    pub fn is_shutting_down(&self) -> bool {
        self.is_leaving.load(Ordering::Acquire)
    }

    /// Records a completed round.
    pub fn finished(&self, at: Instant, acted: usize, failed: usize) {
        self.acted.fetch_add(i64::try_from(acted).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.failed.fetch_add(i64::try_from(failed).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.last_round.store(at.utc().timestamp(), Ordering::Relaxed);
        self.rounds.notify_waiters();
    }

    /// Records a round that failed as a whole.
    pub fn failed(&self) {
        self.failed_rounds.fetch_add(1, Ordering::Relaxed);
        self.rounds.notify_waiters();
    }

    /// Waits until the counters satisfy a condition; they change when a round ends.
    pub async fn wait_until(&self, shown: impl Fn(&Self) -> bool) {
        loop {
            let round = self.rounds.notified();
            if shown(self) {
                return;
            }
            round.await;
        }
    }

    /// Records the number of differences found by a recount.
    pub fn recounted(&self, differences: usize) {
        self.differences.store(i64::try_from(differences).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Returns the status of the external anchors of the audit heads.
    #[must_use]
    pub const fn anchors(&self) -> &AnchorStatuses {
        &self.anchors
    }

    /// Returns the number of audit heads not yet sent to an anchor.
    #[must_use]
    pub fn unanchored_heads(&self) -> i64 {
        self.anchors.waiting()
    }

    /// Returns the number of petitions on which the system has acted.
    #[must_use]
    pub fn actions(&self) -> i64 {
        self.acted.load(Ordering::Relaxed)
    }

    /// Returns the number of petitions whose action failed.
    #[must_use]
    pub fn failed_actions(&self) -> i64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Returns the number of rounds that a database error has stopped.
    #[must_use]
    pub fn failed_runs(&self) -> i64 {
        self.failed_rounds.load(Ordering::Relaxed)
    }

    /// Returns the end of the last round in seconds since 1970; 0 before the first.
    #[must_use]
    pub fn last_run(&self) -> i64 {
        self.last_round.load(Ordering::Relaxed)
    }

    /// Returns the number of differences found by the last recount.
    #[must_use]
    pub fn differences(&self) -> i64 {
        self.differences.load(Ordering::Relaxed)
    }
}
