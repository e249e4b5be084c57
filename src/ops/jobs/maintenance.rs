//! Maintenance: one run of everything that is due at this moment.

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

/// The duty of acting on petitions and of tidying up.
const DUTY: &str = "system_actions";
/// How long an instance that was killed keeps the others from the duty, in seconds.
const LEASE_SECONDS: i64 = 60;
/// How many petitions are looked up at a time; the lease is prolonged after each batch.
const BATCH: usize = 100;

/// What a round has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MaintenanceOutcome {
    /// False when another instance was at it.
    pub was_free: bool,
    /// Petitions that were refused or closed.
    pub acted: usize,
    /// Petitions on which the system could not act; they are in the log and are tried again in the next round.
    pub failed: usize,
    /// Idempotency keys that were forgotten.
    pub forgotten_keys: usize,
    /// Expired sessions that were forgotten.
    pub forgotten_sessions: usize,
    /// Letters with a link for a new password that were written.
    pub reset_letters: usize,
    /// Accounts that nobody uses and that were disabled.
    pub idle_accounts: usize,
    /// Files whose scan was made up for.
    pub checked_files: usize,
    /// Files and uploads that nobody used.
    pub removed_files: usize,
    /// Changes of figures that were added to the kept sums.
    pub folded: usize,
}

/// Does everything that is due now, unless another instance is at it.
///
/// # Errors
/// Those of the database: it is away or busy, and the round has to be tried again.
pub async fn run_maintenance(app: &App) -> Result<MaintenanceOutcome, ServiceError> {
    run_until(app, &|| false).await
}

/// The same, and ends early, between two petitions, when the process is about to stop.
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
            // Its cause is in the log; nobody waits for the room.
            Err(ServiceError::Rejected(ErrorCode::FilesAway)) => 0,
            removed => removed?,
        };
    }
    Ok(done)
}

/// Goes on until nothing is due but what has failed in this round: one petition in disorder must not hold up the others.
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
