//! Confirmation of calendar years: whether all days of a year are decided, and confirming one.
//!
//! Confirming stores the statutory days off of the year as official, in one transaction; from then on only the
//! stored data counts for that year. Swapped days and a different choice of Tết days can be entered before or
//! afterwards.

use super::super::{ChangeScope, admin_change, current};
use super::DayRecord;
use super::check_version;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::directory::rules::calendar::statutory::{self, StatutoryDay};
use crate::directory::rules::calendar::{DayKind, WorkingCalendar};
use crate::directory::rules::directory::Directory;
use crate::directory::store::calendar::{self, CalendarDay};
use crate::directory::store::{directory_digests, load, state};
use crate::kernel::field_problem::FieldRule;
use crate::petitions;
use crate::petitions::store::deadlines;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A year and what counts in it beside the days that were decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct YearRecord {
    /// The year.
    pub year: i32,
    /// Whether all of its days off, make-up days and swaps are decided.
    pub is_confirmed: bool,
    /// Days off by law that count although nobody has confirmed them.
    pub by_law: Vec<LawDay>,
}

/// A day off by law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LawDay {
    /// The day.
    pub date: NaiveDate,
    /// A holiday, or off for one that falls on a weekend.
    pub kind: DayKind,
    /// What it is called.
    pub name: String,
}

impl YearRecord {
    /// Returns the state of a year in a calendar.
    #[must_use]
    pub fn of(calendar: &WorkingCalendar, year: i32) -> Self {
        let by_law = calendar.unconfirmed_by_law(year).into_iter();
        let by_law = by_law.map(|it| LawDay { date: it.day, kind: it.kind, name: it.name.to_owned() });
        Self { year, is_confirmed: calendar.is_confirmed(year), by_law: by_law.collect() }
    }
}

/// Confirms that all days of a year are decided; this cannot be undone.
///
/// # Errors
/// [`ErrorCode::StaleVersion`](crate::kernel::error_code::ErrorCode::StaleVersion); 422 on `year`.
pub async fn confirm(app: &App, by: &AuditActor, year: i32, expected: Option<i64>) -> Result<YearRecord, ServiceError> {
    if !statutory::YEARS.contains(&year) {
        let (first, last) = statutory::YEARS.into_inner();
        return Err(ServiceError::invalid("year", FieldRule::Between(first.to_string(), last.to_string())));
    }
    admin_change(app, by, move |connection, directory| {
        check_version(directory, expected)?;
        let record = YearRecord { year, is_confirmed: true, by_law: Vec::new() };
        if directory.calendar().is_confirmed(year) {
            return Ok((record, ChangeScope::Nothing, AuditEvent::none()));
        }
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or_default();
        let present = calendar::days(connection, first, last)?;
        let by_law = directory.calendar().unconfirmed_by_law(year);
        let days: Vec<CalendarDay> = by_law.iter().map(|it| official(it, &present)).collect();
        for day in &days {
            calendar::put_day(connection, day)?;
        }
        calendar::confirm_year(connection, year)?;
        let written: Vec<DayRecord> = days.into_iter().map(DayRecord::from).collect();
        let event = AuditEvent::new("confirm_calendar_year", "calendar_year", year).created(&written);
        Ok((record, ChangeScope::Calendar, event))
    })
    .await
}

/// Returns the official entry for a statutory day, keeping the name it had while it was expected.
fn official(it: &StatutoryDay, present: &[CalendarDay]) -> CalendarDay {
    let named = present.iter().find(|day| day.day == it.day && day.kind == it.kind).map(|day| day.name.clone());
    CalendarDay { day: it.day, kind: it.kind, name: named.unwrap_or_else(|| it.name.to_owned()), is_official: true }
}

/// Recomputes the deadlines of open petitions once if they were computed by an earlier version of the statutory
/// rules.
pub async fn ensure_by_law(app: &App) -> Result<(), ServiceError> {
    let shared = app.clone();
    let moved = app.db.write(move |connection| -> Result<Option<usize>, ServiceError> {
        if state::calendar_law(connection)? >= statutory::VERSION {
            return Ok(None);
        }
        state::lock(connection)?;
        state::note_calendar_law(connection, statutory::VERSION)?;
        if deadlines::running(connection)?.is_empty() {
            return Ok(None);
        }
        state::raise_calendar(connection)?;
        let directory = Directory::new(load(connection)?);
        let moved = petitions::recompute_deadlines(&shared, connection, &directory, shared.now())?;
        // A directory without any digest is digested as a whole by `ensure_digested` at the next start.
        if !directory_digests::all(connection)?.is_empty() {
            directory_digests::append(connection, shared.now())?;
        }
        Ok(Some(moved))
    });
    if let Some(moved) = moved.await? {
        tracing::info!(moved, "recomputed due dates of open petitions after holiday rules changed");
    }
    Ok(())
}

/// Returns the year that should be confirmed by now and is not.
pub async fn overdue_confirmation(app: &App) -> Result<Option<i32>, ServiceError> {
    let (shared, today) = (app.clone(), app.now().local_date());
    let read = app.db.read(move |connection| current(&shared, connection));
    Ok(read.await?.calendar().overdue_confirmation(today))
}

/// Logs a warning when a year should be confirmed by now and is not.
pub async fn warn_if_overdue(app: &App) -> Result<(), ServiceError> {
    if let Some(year) = overdue_confirmation(app).await? {
        tracing::warn!(year, "the days off and swaps of this year are not confirmed; days off by law count (/admin/calendar)");
    }
    Ok(())
}
