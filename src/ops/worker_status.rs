//! The status of the worker of this process, for the metrics: the jobs write it, `ops::metrics` reads it; and whether the process is
//! about to stop.

use crate::audit::anchor_status::AnchorStatuses;
use crate::kernel::Instant;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use tokio::sync::Notify;

/// Counters of one process.
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
    /// The process will stop soon: whoever sends requests should turn elsewhere.
    pub fn begin_shutdown(&self) {
        self.is_leaving.store(true, Ordering::Release);
    }

    /// Whether it will.
    #[must_use]
    pub fn is_shutting_down(&self) -> bool {
        self.is_leaving.load(Ordering::Acquire)
    }

    /// A round has ended.
    pub fn finished(&self, at: Instant, acted: usize, failed: usize) {
        self.acted.fetch_add(i64::try_from(acted).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.failed.fetch_add(i64::try_from(failed).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.last_round.store(at.utc().timestamp(), Ordering::Relaxed);
        self.rounds.notify_waiters();
    }

    /// A round could not be done.
    pub fn failed(&self) {
        self.failed_rounds.fetch_add(1, Ordering::Relaxed);
        self.rounds.notify_waiters();
    }

    /// Waits until the counters show what is asked for; they change when a round ends.
    pub async fn wait_until(&self, shown: impl Fn(&Self) -> bool) {
        loop {
            let round = self.rounds.notified();
            if shown(self) {
                return;
            }
            round.await;
        }
    }

    /// The figures were recounted with so many differences.
    pub fn recounted(&self, differences: usize) {
        self.differences.store(i64::try_from(differences).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// How the places outside stand to which heads of the audit record are handed.
    #[must_use]
    pub const fn anchors(&self) -> &AnchorStatuses {
        &self.anchors
    }

    /// Heads of the audit record that wait for a place outside.
    #[must_use]
    pub fn unanchored_heads(&self) -> i64 {
        self.anchors.waiting()
    }

    /// Petitions on which the system has acted.
    #[must_use]
    pub fn actions(&self) -> i64 {
        self.acted.load(Ordering::Relaxed)
    }

    /// Petitions on which it could not.
    #[must_use]
    pub fn failed_actions(&self) -> i64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Rounds that the database has stopped.
    #[must_use]
    pub fn failed_runs(&self) -> i64 {
        self.failed_rounds.load(Ordering::Relaxed)
    }

    /// The end of the last round in seconds since 1970; 0 before the first.
    #[must_use]
    pub fn last_run(&self) -> i64 {
        self.last_round.load(Ordering::Relaxed)
    }

    /// Differences that the last recount has found.
    #[must_use]
    pub fn differences(&self) -> i64 {
        self.differences.load(Ordering::Relaxed)
    }
}
