//! Checks the stored statistics against a recount from the timelines, and the carry-over identity, month by
//! month of receipt, so that memory use does not grow with the years.

use super::ReportSink;
use super::RunningCheck;
use crate::db::Db;
use crate::db::service_error::ServiceError;
use crate::figures::statistics::{recount_received, recount_years};
use crate::ops::store::verify::months::first_and_last;
use chrono::{Datelike, Months, NaiveDate};

/// Recounts receipts from the month of `since` on, or everything, and returns the number of findings.
pub async fn figures(db: &Db, since: Option<NaiveDate>, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("figures");
    let mut months = 0;
    if let Some((first, last)) = db.read(first_and_last).await? {
        let first = since.map_or(first, |since| first.max(since));
        let mut month = first.with_day(1).unwrap_or(first);
        while month <= last {
            let Some(next) = month.checked_add_months(Months::new(1)) else { break };
            let days = month..=next.pred_opt().unwrap_or(next);
            let found = db.read(move |connection| recount_received(connection, days.clone())).await?;
            check.find_all(found.iter().map(ToString::to_string).collect(), sink);
            months += 1;
            month = next;
        }
        let mut year = first.year();
        while year <= last.year() {
            let days = NaiveDate::from_yo_opt(year, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31));
            let Some((from, to)) = days else { break };
            let found = db.read(move |connection| recount_years(connection, &(from..=to))).await?;
            check.find_all(found.iter().map(ToString::to_string).collect(), sink);
            year += 1;
        }
    }
    Ok(check.end(format!("{months} months of receipt, each as a recount says; carry-over identity of each agency"), sink))
}
