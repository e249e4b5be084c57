//! Rows of `calendar_days` and `working_sessions`.

use crate::db::schema::{calendar_days, confirmed_years, working_sessions};
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::calendar::{DayKind, KnownDays, WorkingCalendar, WorkingSession};
use crate::kernel::ids::WorkingSessionId;
use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// A day that is not as its weekday would have it, with what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = calendar_days)]
pub struct CalendarDay {
    /// The day.
    pub day: NaiveDate,
    /// Off or made up.
    pub kind: DayKind,
    /// What it is called.
    pub name: String,
    /// Whether it has been announced; others follow from the law or from habit.
    pub is_official: bool,
}

/// A working session and its row number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredWorkingSession {
    /// Its row number.
    pub id: WorkingSessionId,
    /// The session.
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

/// The calendar with all sessions of any day. Days that are only expected wait until somebody confirms them.
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

/// The years of which everything is decided.
pub fn confirmed_years(connection: &mut DbConnection) -> Result<BTreeSet<i32>, StorageError> {
    let years: Vec<i32> = confirmed_years::table.select(confirmed_years::year).load(connection)?;
    Ok(years.into_iter().collect())
}

/// Marks a year as one of which everything is decided.
pub fn confirm_year(connection: &mut DbConnection, year: i32) -> Result<(), StorageError> {
    diesel::insert_into(confirmed_years::table).values(confirmed_years::year.eq(year)).execute(connection)?;
    Ok(())
}

/// The days between two days, both included.
pub fn days(connection: &mut DbConnection, from: NaiveDate, to: NaiveDate) -> Result<Vec<CalendarDay>, StorageError> {
    Ok(calendar_days::table.filter(calendar_days::day.between(from, to)).order(calendar_days::day).load(connection)?)
}

/// Stores a day, in place of what the calendar said of it before.
pub fn put_day(connection: &mut DbConnection, day: &CalendarDay) -> Result<(), StorageError> {
    let changed = diesel::update(calendar_days::table.find(day.day)).set(day).execute(connection)?;
    if changed == 0 {
        diesel::insert_into(calendar_days::table).values(day).execute(connection)?;
    }
    Ok(())
}

/// Takes a day out of the calendar, so that it is as its weekday would have it; says whether it was there.
pub fn remove_day(connection: &mut DbConnection, day: NaiveDate) -> Result<bool, StorageError> {
    Ok(diesel::delete(calendar_days::table.find(day)).execute(connection)? > 0)
}

/// Every session of any day.
pub fn sessions(connection: &mut DbConnection) -> Result<Vec<StoredWorkingSession>, StorageError> {
    let rows: Vec<WorkingSessionRow> = working_sessions::table.order(working_sessions::id).load(connection)?;
    let stored = |row: WorkingSessionRow| StoredWorkingSession {
        id: row.id,
        session: WorkingSession { valid_from: row.valid_from, valid_to: row.valid_to, starts: row.starts_at, ends: row.ends_at },
    };
    Ok(rows.into_iter().map(stored).collect())
}

/// Stores a new session; its row number is given by the database.
pub fn insert_session(connection: &mut DbConnection, session: &WorkingSession) -> Result<WorkingSessionId, StorageError> {
    let insert = diesel::insert_into(working_sessions::table).values(WorkingSessionValues::from(session));
    Ok(insert.returning(working_sessions::id).get_result(connection)?)
}

/// Stores every value of a session that exists.
pub fn update_session(connection: &mut DbConnection, stored: &StoredWorkingSession) -> Result<(), StorageError> {
    diesel::update(working_sessions::table.find(stored.id))
        .set(WorkingSessionValues::from(&stored.session))
        .execute(connection)?;
    Ok(())
}
