//! Once a night the figures of the last months are recounted from the timelines and compared with what is kept, after the single
//! days that nobody needs any more were forgotten.
//!
//! A difference is logged and shown by the metrics, never repaired: whatever made it has to be found first (`pakn verify`
//! names it).

use crate::app::App;
use crate::domain::Instant;
use crate::services::error::ServiceError;
use crate::services::verify::{self, Line};
use crate::services::{leases, statistics};
use chrono::{Days, Months, NaiveTime, Timelike};

/// The duty; its lease is kept until the next night, whoever has done it.
const DUTY: &str = "recount_figures";
/// The hours of Việt Nam in which it may begin.
const HOURS: std::ops::Range<u32> = 2..5;
/// How far back: what was received earlier hardly changes any more, and `pakn verify` recounts it too.
const MONTHS: u32 = 13;

/// Recounts, if it is night and nobody has done so tonight; says how many differences there are.
///
/// # Errors
/// Those of the database.
pub async fn recount_tonight(app: &App) -> Result<Option<usize>, ServiceError> {
    let now = app.now().local();
    if !HOURS.contains(&now.hour()) {
        return Ok(None);
    }
    let tomorrow = now.date().checked_add_days(Days::new(1)).unwrap_or(now.date());
    let next = Instant::from_local(tomorrow.and_time(NaiveTime::from_hms_opt(HOURS.start, 0, 0).unwrap_or_default()));
    if !leases::take_until(app, DUTY, &leases::new_holder(app), next.plus(chrono::Duration::microseconds(-1))).await? {
        return Ok(None);
    }
    statistics::forget_single_days(app).await?;
    let mut differences = 0;
    let since = now.date().checked_sub_months(Months::new(MONTHS));
    verify::figures(&app.db, since, &mut |line| {
        if let Line::Finding(finding) = line {
            differences += 1;
            tracing::error!(%finding, "the figures are not what the timelines say");
        }
    })
    .await?;
    tracing::info!(differences, "recounted the figures");
    app.upkeep.recounted(differences);
    Ok(Some(differences))
}
