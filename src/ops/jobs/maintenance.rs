//! One run of all maintenance that is due now.

use crate::accounts::{self, challenge};
use crate::app::App;
use crate::attachments;
use crate::db::service_error::ServiceError;
use crate::db::{idempotency, leases};
use crate::delivery::outbox;
use crate::figures::statistics;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::PetitionId;
use crate::ops::clock_rollback;
use crate::petitions::close;
use crate::web::shared_limits;
use chrono::Duration;
use std::collections::HashSet;

/// Name of the lease for system actions and cleanup.
const DUTY: &str = "system_actions";
/// Seconds after which another instance may take over from one that was killed.
const LEASE_SECONDS: i64 = 60;
/// Petitions looked up at a time; the lease is renewed after each batch.
const BATCH: usize = 100;

/// Result of a maintenance run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MaintenanceOutcome {
    /// False when another instance held the lease.
    pub was_free: bool,
    /// Petitions that were refused or closed.
    pub acted: usize,
    /// Petitions whose action failed; they are logged and retried in the next run.
    pub failed: usize,
    /// Expired idempotency keys that were deleted.
    pub forgotten_keys: usize,
    /// Expired sessions that were deleted.
    pub forgotten_sessions: usize,
    /// Password reset messages that were queued.
    pub reset_letters: usize,
    /// Unused accounts that were disabled.
    pub idle_accounts: usize,
    /// Files whose virus scan was made up for.
    pub checked_files: usize,
    /// Unused files and uploads that were deleted.
    pub removed_files: usize,
    /// Statistics changes that were added to the stored sums.
    pub folded: usize,
}

/// Does everything that is due now, unless another instance holds the lease.
///
/// # Errors
/// When the database is unavailable or busy; the run has to be retried.
pub async fn run_maintenance(app: &App) -> Result<MaintenanceOutcome, ServiceError> {
    run_until(app, &|| false).await
}

/// Like [`run_maintenance`], but stops between two petitions when the process shuts down.
pub(super) async fn run_until(
    app: &App,
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
) -> Result<MaintenanceOutcome, ServiceError> {
    let holder = leases::new_lease_holder(app);
    if !leases::acquire(app, DUTY, &holder, Duration::seconds(LEASE_SECONDS)).await? {
        return Ok(MaintenanceOutcome::default());
    }
    let done = work(app, &holder, is_stopping).await;
    leases::release(app, DUTY, &holder).await?;
    done
}

async fn work(
    app: &App,
    holder: &str,
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
) -> Result<MaintenanceOutcome, ServiceError> {
    let mut done = MaintenanceOutcome { was_free: true, ..MaintenanceOutcome::default() };
    clock_rollback::pull_back(app).await?;
    done.reset_letters = accounts::write_reset_letters(app).await?;
    act_on_petitions(app, holder, is_stopping, &mut done).await?;
    done.folded = statistics::roll_up(app).await?;
    if !is_stopping() {
        done.forgotten_keys = idempotency::purge(app).await?;
        done.forgotten_sessions = accounts::purge_sessions(app).await?;
        done.idle_accounts = accounts::disable_idle(app).await?;
        accounts::purge_failures(app).await?;
        outbox::forget_days(app).await?;
        shared_limits::purge(app).await?;
        challenge::purge(app).await?;
        done.checked_files = attachments::processing::check_waiting(app).await?;
        done.removed_files = match attachments::purge::purge(app).await {
            // The cause is already logged, and the cleanup can wait.
            Err(ServiceError::Rejected(ErrorCode::FilesAway)) => 0,
            removed => removed?,
        };
    }
    Ok(done)
}

/// Continues until only petitions that failed in this run are due: one broken petition must not block the
/// others.
async fn act_on_petitions(
    app: &App,
    holder: &str,
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
    done: &mut MaintenanceOutcome,
) -> Result<(), ServiceError> {
    let mut failed: HashSet<PetitionId> = HashSet::new();
    loop {
        let limit = i64::try_from(BATCH + failed.len()).unwrap_or(i64::MAX);
        let mut due = close::due(app, limit).await?;
        due.retain(|id| !failed.contains(id));
        if due.is_empty() || !leases::acquire(app, DUTY, holder, Duration::seconds(LEASE_SECONDS)).await? {
            return Ok(());
        }
        for id in due {
            if is_stopping() {
                return Ok(());
            }
            match close::act(app, id).await {
                Ok(acted) => done.acted += usize::from(acted),
                Err(ServiceError::Storage(error)) if error.is_busy() || error.is_away() => return Err(error.into()),
                Err(error) => {
                    tracing::error!(petition = id.0, %error, "automatic action on petition failed");
                    failed.insert(id);
                    done.failed += 1;
                }
            }
        }
    }
}
