//! Rows of `calendar_days` and `working_sessions`.

use crate::db::schema::{calendar_days, confirmed_years, working_sessions};
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::calendar::{DayKind, KnownDays, WorkingCalendar, WorkingSession};
use crate::kernel::ids::WorkingSessionId;
use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// A day that differs from its weekday, with its name.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = calendar_days)]
pub struct CalendarDay {
    pub day: NaiveDate,
    pub kind: DayKind,
    pub name: String,
    /// Whether it was announced; other days are expected by law or custom.
    pub is_official: bool,
}

/// A working session with its row id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredWorkingSession {
    pub id: WorkingSessionId,
    pub session: WorkingSession,
}

#[derive(Queryable)]
struct WorkingSessionRow {
    id: WorkingSessionId,
    starts_at: NaiveTime,
    ends_at: NaiveTime,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = working_sessions, treat_none_as_null = true)]
struct WorkingSessionValues {
    starts_at: NaiveTime,
    ends_at: NaiveTime,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

impl From<&WorkingSession> for WorkingSessionValues {
    fn from(session: &WorkingSession) -> Self {
        Self { starts_at: session.starts, ends_at: session.ends, valid_from: session.valid_from, valid_to: session.valid_to }
    }
}

/// Loads the calendar with all sessions of any day. Expected days do not count until confirmed.
pub fn load(connection: &mut DbConnection, version: i64) -> Result<WorkingCalendar, StorageError> {
    let sessions = sessions(connection)?.into_iter().map(|stored| stored.session).collect();
    let days: Vec<CalendarDay> = calendar_days::table.load(connection)?;
    let mut known = KnownDays { confirmed_years: confirmed_years(connection)?, ..KnownDays::default() };
    for CalendarDay { day, kind, is_official, .. } in days {
        if is_official {
            known.decided.insert(day, kind);
        } else {
            known.expected.insert(day);
        }
    }
    Ok(WorkingCalendar::new(version, sessions, known))
}

/// Returns the years for which every day is decided.
pub fn confirmed_years(connection: &mut DbConnection) -> Result<BTreeSet<i32>, StorageError> {
    let years: Vec<i32> = confirmed_years::table.select(confirmed_years::year).load(connection)?;
    Ok(years.into_iter().collect())
}

/// Marks a year as fully decided.
pub fn confirm_year(connection: &mut DbConnection, year: i32) -> Result<(), StorageError> {
    diesel::insert_into(confirmed_years::table).values(confirmed_years::year.eq(year)).execute(connection)?;
    Ok(())
}

/// Returns the days between two days, both included.
pub fn days(connection: &mut DbConnection, from: NaiveDate, to: NaiveDate) -> Result<Vec<CalendarDay>, StorageError> {
    Ok(calendar_days::table.filter(calendar_days::day.between(from, to)).order(calendar_days::day).load(connection)?)
}

/// Inserts or replaces the entry of a day.
pub fn put_day(connection: &mut DbConnection, day: &CalendarDay) -> Result<(), StorageError> {
    let changed = diesel::update(calendar_days::table.find(day.day)).set(day).execute(connection)?;
    if changed == 0 {
        diesel::insert_into(calendar_days::table).values(day).execute(connection)?;
    }
    Ok(())
}

/// Deletes the entry of a day, so that its weekday applies; returns whether it existed.
pub fn remove_day(connection: &mut DbConnection, day: NaiveDate) -> Result<bool, StorageError> {
    Ok(diesel::delete(calendar_days::table.find(day)).execute(connection)? > 0)
}

/// Returns all sessions of any day.
pub fn sessions(connection: &mut DbConnection) -> Result<Vec<StoredWorkingSession>, StorageError> {
    let rows: Vec<WorkingSessionRow> = working_sessions::table.order(working_sessions::id).load(connection)?;
    let stored = |row: WorkingSessionRow| StoredWorkingSession {
        id: row.id,
        session: WorkingSession { valid_from: row.valid_from, valid_to: row.valid_to, starts: row.starts_at, ends: row.ends_at },
    };
    Ok(rows.into_iter().map(stored).collect())
}

/// Inserts a new session; the database assigns its row id.
pub fn insert_session(connection: &mut DbConnection, session: &WorkingSession) -> Result<WorkingSessionId, StorageError> {
    let insert = diesel::insert_into(working_sessions::table).values(WorkingSessionValues::from(session));
    Ok(insert.returning(working_sessions::id).get_result(connection)?)
}

/// Updates all columns of an existing session.
pub fn update_session(connection: &mut DbConnection, stored: &StoredWorkingSession) -> Result<(), StorageError> {
    diesel::update(working_sessions::table.find(stored.id))
        .set(WorkingSessionValues::from(&stored.session))
        .execute(connection)?;
    Ok(())
}
