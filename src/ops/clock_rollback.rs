//! Reschedules queued work after the system clock was set back, so that nothing waits until the clock has
//! caught up.
//!
//! Timelines and the audit record keep their order by themselves (`petitions::step`, `audit::store`). Queue
//! rows whose due times were written while the clock was ahead are corrected here, before each round of the
//! worker.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::{back_off, quiet_hours};
use crate::ops::store::future_times::{self, TimeBounds};
use chrono::Duration;

/// Tolerated clock difference between instances.
const DIFFERENCE: Duration = Duration::minutes(2);
/// Length of the quiet hours: a row can be due at their end at the latest.
const NIGHT: Duration = Duration::hours(10);

/// Reschedules rows that lie further in the future than they can by rule. Returns their number.
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
