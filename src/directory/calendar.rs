//! Use cases of administrators on the working calendar: exceptional days (off or worked against their weekday) and
//! working sessions.
//!
//! Rules: every change raises the calendar version and recomputes the deadlines of open petitions, each with an
//! event; the caller may require the version it has read. Expected days have no effect until they are official. In
//! a year that is not confirmed, the statutory days off apply; [`years`] confirms a year.

use super::ChangeScope;
use super::admin_change;
use super::admin_create;
use super::areas::End;
use super::checks;
use super::current;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::directory::rules::calendar::{DayKind, WorkingSession};
use crate::directory::rules::directory::Directory;
use crate::directory::store::calendar::{self, CalendarDay, StoredWorkingSession};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::WorkingSessionId;
use crate::kernel::validity::Validity;
use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub mod years;

pub use years::YearRecord;

const MOST_DAYS: i64 = 3700;

/// The calendar between two days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarRecord {
    /// Raised by every change; for `If-Match`, and stored with every deadline.
    pub version: i64,
    /// Days that are not as their weekday would have them.
    pub days: Vec<DayRecord>,
    /// Every session of any day.
    pub sessions: Vec<SessionRecord>,
    /// The years between the two days, and which of them are confirmed.
    pub years: Vec<YearRecord>,
    /// The year whose days off and swaps should be confirmed by now and are not: the present one, from October on the next.
    #[schema(required)]
    pub unconfirmed_year: Option<i32>,
}

/// A day that is not as its weekday would have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayRecord {
    /// The day.
    pub date: NaiveDate,
    /// Off or made up.
    pub kind: DayKind,
    /// What it is called.
    pub name: String,
    /// Whether it has been announced; a day that is only expected changes no deadline.
    pub is_official: bool,
}

/// A working session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionRecord {
    /// Row number, for the paths of this API.
    pub id: WorkingSessionId,
    /// Beginning of work, Vietnamese time.
    #[schema(value_type = String, example = "07:30:00")]
    pub starts_at: NaiveTime,
    /// End of work, Vietnamese time.
    #[schema(value_type = String, example = "11:30:00")]
    pub ends_at: NaiveTime,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force, when it has been ended.
    #[schema(required)]
    pub valid_to: Option<NaiveDate>,
}

/// What the calendar is to say of a day.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayEntry {
    /// Off or made up.
    pub kind: DayKind,
    /// What it is called.
    pub name: String,
    /// Whether it has been announced; yes unless said otherwise.
    pub is_official: Option<bool>,
}

/// A new working session.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// Beginning of work, Vietnamese time.
    #[schema(value_type = String, example = "07:30")]
    pub starts_at: NaiveTime,
    /// End of work, Vietnamese time.
    #[schema(value_type = String, example = "11:30")]
    pub ends_at: NaiveTime,
    /// First day in force; today unless said otherwise.
    pub valid_from: Option<NaiveDate>,
}

/// What may be changed of a working session; what is left out stays.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionChanges {
    /// Beginning of work, Vietnamese time.
    #[schema(value_type = Option<String>, example = "07:30")]
    pub starts_at: Option<NaiveTime>,
    /// End of work, Vietnamese time.
    #[schema(value_type = Option<String>, example = "11:30")]
    pub ends_at: Option<NaiveTime>,
}

impl From<CalendarDay> for DayRecord {
    fn from(day: CalendarDay) -> Self {
        Self { date: day.day, kind: day.kind, name: day.name, is_official: day.is_official }
    }
}

impl From<&StoredWorkingSession> for SessionRecord {
    fn from(stored: &StoredWorkingSession) -> Self {
        let WorkingSession { valid_from, valid_to, starts, ends } = stored.session;
        Self { id: stored.id, starts_at: starts, ends_at: ends, valid_from, valid_to }
    }
}

/// Returns the calendar between two days, both included; by default of the current year.
///
/// # Errors
/// 422 on `from` and `to`.
pub async fn read(app: &App, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<CalendarRecord, ServiceError> {
    let year = from.or(to).unwrap_or_else(|| app.now().local_date()).year();
    let from = from.or(NaiveDate::from_ymd_opt(year, 1, 1)).unwrap_or_default();
    let to = to.or(NaiveDate::from_ymd_opt(year, 12, 31)).unwrap_or_default();
    let mut problems = FieldProblems::default();
    problems.take("from", checks::day(from));
    problems.take("to", checks::day(to));
    if to < from {
        problems.add("to", FieldRule::MustNotBeBefore("from".to_owned()));
    } else if (to - from).num_days() > MOST_DAYS {
        problems.add("to", FieldRule::Between("from".to_owned(), format!("from + {MOST_DAYS}")));
    }
    problems.finish()?;
    let (shared, today) = (app.clone(), app.now().local_date());
    app.db
        .read(move |connection| {
            let directory = current(&shared, connection)?;
            Ok(CalendarRecord {
                version: directory.calendar_version(),
                days: calendar::days(connection, from, to)?.into_iter().map(DayRecord::from).collect(),
                sessions: calendar::sessions(connection)?.iter().map(SessionRecord::from).collect(),
                years: (from.year()..=to.year()).map(|year| YearRecord::of(directory.calendar(), year)).collect(),
                unconfirmed_year: directory.calendar().overdue_confirmation(today),
            })
        })
        .await
}

/// Sets the kind of a day, replacing its earlier entry.
///
/// # Errors
/// [`ErrorCode::StaleVersion`]; 422 on `date`, `kind` and `name`.
pub async fn put_day(
    app: &App,
    by: &AuditActor,
    date: NaiveDate,
    entry: DayEntry,
    expected: Option<i64>,
) -> Result<DayRecord, ServiceError> {
    admin_change(app, by, move |connection, directory| {
        check_version(directory, expected)?;
        let mut problems = FieldProblems::default();
        problems.take("date", checks::day(date));
        let name = problems.take("name", checks::name(&entry.name)).unwrap_or_default();
        if entry.kind == DayKind::WorkingWeekend && !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            let words = [DayKind::Holiday, DayKind::CompensatoryOff].map(|kind| kind.to_string());
            problems.add("kind", FieldRule::OneOf(words.to_vec()));
        }
        problems.finish()?;
        let day = CalendarDay { day: date, kind: entry.kind, name, is_official: entry.is_official.unwrap_or(true) };
        let before = calendar::days(connection, date, date)?.pop();
        if before.as_ref() == Some(&day) {
            return Ok((day.into(), ChangeScope::Nothing, AuditEvent::none()));
        }
        calendar::put_day(connection, &day)?;
        let record = DayRecord::from(day);
        let event = AuditEvent::new("put_calendar_day", "calendar_day", date);
        let event = match before {
            Some(before) => event.updated(&DayRecord::from(before), &record),
            None => event.created(&record),
        };
        Ok((record, ChangeScope::Calendar, event))
    })
    .await
}

/// Deletes the entry of a day, so that its weekday applies again.
///
/// # Errors
/// [`ErrorCode::StaleVersion`]; [`ErrorCode::CalendarEntryNotFound`] when the day has no entry.
pub async fn remove_day(app: &App, by: &AuditActor, date: NaiveDate, expected: Option<i64>) -> Result<(), ServiceError> {
    admin_change(app, by, move |connection, directory| {
        check_version(directory, expected)?;
        let before = calendar::days(connection, date, date)?.pop().ok_or(ErrorCode::CalendarEntryNotFound)?;
        calendar::remove_day(connection, date)?;
        let event = AuditEvent::new("remove_calendar_day", "calendar_day", date).deleted(&DayRecord::from(before));
        Ok(((), ChangeScope::Calendar, event))
    })
    .await
}

pub(super) fn check_version(directory: &Directory, expected: Option<i64>) -> Result<(), ErrorCode> {
    let is_fresh = expected.is_none_or(|expected| expected == directory.calendar_version());
    if is_fresh { Ok(()) } else { Err(ErrorCode::StaleVersion) }
}

/// Creates a working session.
///
/// # Errors
/// 422 on `ends_at` and `valid_from`; those of the idempotency key.
pub async fn create_session(
    app: &App,
    by: &AuditActor,
    new: NewSession,
    key: Option<RequestKey>,
) -> Result<SessionRecord, ServiceError> {
    let today = app.now().local_date();
    admin_create(app, by, key, move |connection, _| {
        let mut problems = FieldProblems::default();
        let from = problems.take("valid_from", checks::day(new.valid_from.unwrap_or(today))).unwrap_or(today);
        problems.take("ends_at", in_order(new.starts_at, new.ends_at));
        problems.finish()?;
        let session = WorkingSession { valid_from: from, valid_to: None, starts: new.starts_at, ends: new.ends_at };
        let id = calendar::insert_session(connection, &session)?;
        let record = SessionRecord::from(&StoredWorkingSession { id, session });
        let event = AuditEvent::new("create_working_session", "working_session", id).created(&record);
        Ok((record, ChangeScope::Calendar, event))
    })
    .await
}

fn in_order(starts: NaiveTime, ends: NaiveTime) -> Result<(), FieldRule> {
    if starts < ends { Ok(()) } else { Err(FieldRule::MustBeAfter("starts_at".to_owned())) }
}

fn find_session(connection: &mut DbConnection, id: WorkingSessionId) -> Result<StoredWorkingSession, ServiceError> {
    let sessions = calendar::sessions(connection)?;
    Ok(sessions.into_iter().find(|stored| stored.id == id).ok_or(ErrorCode::CalendarEntryNotFound)?)
}

/// Returns one working session.
///
/// # Errors
/// [`ErrorCode::CalendarEntryNotFound`].
pub async fn read_session(app: &App, id: WorkingSessionId) -> Result<SessionRecord, ServiceError> {
    app.db.read(move |connection| find_session(connection, id).map(|stored| SessionRecord::from(&stored))).await
}

/// Changes the hours of a session, on all its days.
///
/// # Errors
/// [`ErrorCode::CalendarEntryNotFound`], [`ErrorCode::StaleVersion`]; 422 on `ends_at`.
pub async fn amend_session(
    app: &App,
    by: &AuditActor,
    id: WorkingSessionId,
    changes: SessionChanges,
    expected: Option<i64>,
) -> Result<SessionRecord, ServiceError> {
    admin_change(app, by, move |connection, directory| {
        check_version(directory, expected)?;
        let present = find_session(connection, id)?;
        let mut stored = present.clone();
        stored.session.starts = changes.starts_at.unwrap_or(present.session.starts);
        stored.session.ends = changes.ends_at.unwrap_or(present.session.ends);
        in_order(stored.session.starts, stored.session.ends).map_err(|rule| ServiceError::invalid("ends_at", rule))?;
        if stored == present {
            return Ok((SessionRecord::from(&present), ChangeScope::Nothing, AuditEvent::none()));
        }
        calendar::update_session(connection, &stored)?;
        let record = SessionRecord::from(&stored);
        let event =
            AuditEvent::new("change_working_session", "working_session", id).updated(&SessionRecord::from(&present), &record);
        Ok((record, ChangeScope::Calendar, event))
    })
    .await
}

/// Ends a session.
///
/// # Errors
/// [`ErrorCode::CalendarEntryNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`];
/// [`ErrorCode::LastOfItsKind`] when no session would remain in force; 422 on `on`.
pub async fn end_session(
    app: &App,
    by: &AuditActor,
    id: WorkingSessionId,
    end: End,
    expected: Option<i64>,
) -> Result<SessionRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        check_version(directory, expected)?;
        let present = find_session(connection, id)?;
        let mut stored = present.clone();
        let validity = Validity { from: stored.session.valid_from, to: stored.session.valid_to };
        stored.session.valid_to = checks::end(validity, end.on, today)?.to;
        let next = end.on.succ_opt().unwrap_or(end.on);
        let goes_on =
            |other: &StoredWorkingSession| other.id != id && other.session.valid_from <= next && other.session.valid_to.is_none();
        if !calendar::sessions(connection)?.iter().any(goes_on) {
            return Err(ErrorCode::LastOfItsKind.into());
        }
        calendar::update_session(connection, &stored)?;
        let record = SessionRecord::from(&stored);
        let event =
            AuditEvent::new("end_working_session", "working_session", id).updated(&SessionRecord::from(&present), &record);
        Ok((record, ChangeScope::Calendar, event))
    })
    .await
}
