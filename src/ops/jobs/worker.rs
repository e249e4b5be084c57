//! The worker loop: runs a round, pauses, repeats until the process stops.
//!
//! Started by `ops::cli::serve` when `worker` is set. Rule: an unavailable database does not end the worker;
//! the outage is logged once at its start and once at its end, with retries at intervals that grow up to a
//! minute.

use super::document_exchange::exchange_until;
use super::maintenance::{MaintenanceOutcome, run_until};
use super::nightly_maintenance::{run_nightly_anonymisation, run_nightly_recount, sign_hourly_head};
use crate::app::App;
use crate::db::service_error::ServiceError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Pause between two rounds; the periods of docs/contract.md §4.12 are days.
const PAUSE: Duration = Duration::from_secs(30);
/// First pause after a failure.
const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
/// Longest pause after failures.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);

/// A running worker.
pub struct Worker {
    stop: Arc<StopSignal>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct StopSignal {
    wanted: AtomicBool,
    bell: Notify,
}

impl StopSignal {
    fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Acquire)
    }
}

impl Worker {
    /// Starts the worker on the caller's runtime; the first round begins at once.
    #[must_use]
    pub fn start(app: App) -> Self {
        let stop = Arc::new(StopSignal::default());
        let task = tokio::spawn(run_loop(app, Arc::clone(&stop)));
        Self { stop, task }
    }

    /// Finishes the current petition and stops.
    pub async fn stop(self) {
        self.stop.wanted.store(true, Ordering::Release);
        self.stop.bell.notify_one();
        if self.task.await.is_err() {
            tracing::error!("worker panicked");
        }
    }
}

async fn run_loop(app: App, stop: Arc<StopSignal>) {
    let mut back_off: Option<Duration> = None;
    while !stop.is_wanted() {
        let pause = match run_once(&app, &stop).await {
            Ok(done) => {
                if back_off.take().is_some() {
                    tracing::info!("database available again, worker resumed");
                }
                report(done);
                PAUSE
            }
            Err(error) => {
                if back_off.is_none() {
                    tracing::warn!(%error, "database unavailable, worker retrying");
                }
                app.worker_status.failed();
                *back_off.insert(back_off.map_or(FIRST_BACK_OFF, |pause| (pause * 2).min(LONGEST_BACK_OFF)))
            }
        };
        // `Notify` stores one permit, so that a notification sent before this wait is not lost.
        let _ = tokio::time::timeout(pause, stop.bell.notified()).await;
    }
}

async fn run_once(app: &App, stop: &Arc<StopSignal>) -> Result<MaintenanceOutcome, ServiceError> {
    let is_stopping = || stop.is_wanted();
    let done = run_until(app, &is_stopping).await?;
    app.worker_status.finished(app.now(), done.acted, done.failed);
    if !stop.is_wanted() {
        exchange_until(app, &is_stopping).await?;
    }
    if !stop.is_wanted() {
        sign_hourly_head(app).await?;
        run_nightly_recount(app).await?;
        run_nightly_anonymisation(app).await?;
    }
    Ok(done)
}

fn report(done: MaintenanceOutcome) {
    if done.acted + done.failed + done.forgotten_keys + done.forgotten_sessions + done.checked_files + done.removed_files > 0 {
        tracing::info!(
            acted = done.acted,
            failed = done.failed,
            forgotten_keys = done.forgotten_keys,
            forgotten_sessions = done.forgotten_sessions,
            checked_files = done.checked_files,
            removed_files = done.removed_files,
            "maintenance finished"
        );
    }
}
