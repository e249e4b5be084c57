//! Counters of failed sign-ins: failures per mark, blocked until when, and the last successful sign-in.
//!
//! A mark is a keyed hash; only `accounts::login_throttle` knows what it stands for.

use crate::db::schema::sign_in_marks;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;

/// The counter of one mark.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sign_in_marks, treat_none_as_null = true)]
pub struct LoginFailureRow {
    /// The keyed hash.
    pub mark: String,
    /// Failures in a row.
    pub failures: i32,
    /// Time of the last failure or sign-in.
    pub last_at: Instant,
    /// Attempts are refused until then.
    pub blocked_until: Option<Instant>,
}

/// Returns the existing rows of these marks, with one query.
pub fn find(connection: &mut DbConnection, marks: &[&str]) -> Result<Vec<LoginFailureRow>, StorageError> {
    let marks: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).collect();
    Ok(sign_in_marks::table.filter(sign_in_marks::mark.eq_any(marks)).select(LoginFailureRow::as_select()).load(connection)?)
}

/// Inserts or updates a mark.
pub fn put(connection: &mut DbConnection, row: &LoginFailureRow) -> Result<(), StorageError> {
    if diesel::update(sign_in_marks::table.find(&row.mark)).set(row).execute(connection)? == 0 {
        diesel::insert_into(sign_in_marks::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Deletes these marks.
pub fn remove(connection: &mut DbConnection, marks: &[&str]) -> Result<usize, StorageError> {
    let marks: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).collect();
    Ok(diesel::delete(sign_in_marks::table.filter(sign_in_marks::mark.eq_any(marks))).execute(connection)?)
}

/// Deletes marks last used before this time.
pub fn purge(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    Ok(diesel::delete(sign_in_marks::table.filter(sign_in_marks::last_at.lt(before))).execute(connection)?)
}
