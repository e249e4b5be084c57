//! After the clock of the machine was set back nothing waits until it has caught up.
//!
//! Timelines and the audit record go on in their order by themselves (`petitions::step`, `audit::store`). What waits in a queue for a
//! time that the clock had written while it was ahead is brought back here, before each round of the worker.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::{back_off, quiet_hours};
use crate::ops::store::future_times::{self, TimeBounds};
use chrono::Duration;

/// Clocks of several instances differ by this much, and nothing is brought back for it.
const DIFFERENCE: Duration = Duration::minutes(2);
/// The night, in which nothing is due before its end.
const NIGHT: Duration = Duration::hours(10);

/// Brings back what lies further ahead than it can; says how many lines that were.
pub async fn pull_back(app: &App) -> Result<i64, ServiceError> {
    let now = app.now();
    let hold = Duration::seconds(i64::from(app.config.delivery_hold_seconds)).max(Duration::hours(1));
    let bounds = TimeBounds {
        now,
        after_the_night: quiet_hours::outside_of(now),
        latest_written: now.plus(DIFFERENCE),
        latest_due: now.plus(back_off::LONGEST.max(NIGHT) + DIFFERENCE),
        latest_held: now.plus(hold + DIFFERENCE),
    };
    let lines = app.db.read(move |connection| future_times::count(connection, bounds)).await?;
    if lines > 0 {
        app.db.write(move |connection| future_times::pull_back(connection, bounds)).await?;
        tracing::warn!(lines, "system clock was set back, rescheduled queued work");
    }
    Ok(lines)
}
