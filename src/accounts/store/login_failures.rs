//! Marks of sign-ins: how often a name or a source was wrong, until when it waits, and from where somebody has come in.
//!
//! A mark is a keyed hash; what it stands for is known to `accounts::login_throttle` alone.

use crate::db::schema::sign_in_marks;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;

/// What is known of a mark.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sign_in_marks, treat_none_as_null = true)]
pub struct LoginFailureRow {
    /// The keyed hash.
    pub mark: String,
    /// Wrong attempts in a row.
    pub failures: i32,
    /// When the last one was, or the last sign-in.
    pub last_at: Instant,
    /// Until when no attempt is looked at.
    pub blocked_until: Option<Instant>,
}

/// The rows of these marks, as far as there are any, with one query.
pub fn find(connection: &mut DbConnection, marks: &[&str]) -> Result<Vec<LoginFailureRow>, StorageError> {
    let marks: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).collect();
    Ok(sign_in_marks::table.filter(sign_in_marks::mark.eq_any(marks)).select(LoginFailureRow::as_select()).load(connection)?)
}

/// Stores a mark, known or new.
pub fn put(connection: &mut DbConnection, row: &LoginFailureRow) -> Result<(), StorageError> {
    if diesel::update(sign_in_marks::table.find(&row.mark)).set(row).execute(connection)? == 0 {
        diesel::insert_into(sign_in_marks::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Forgets these marks.
pub fn remove(connection: &mut DbConnection, marks: &[&str]) -> Result<usize, StorageError> {
    let marks: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).collect();
    Ok(diesel::delete(sign_in_marks::table.filter(sign_in_marks::mark.eq_any(marks))).execute(connection)?)
}

/// Forgets marks whose last use lies before the moment.
pub fn purge(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    Ok(diesel::delete(sign_in_marks::table.filter(sign_in_marks::last_at.lt(before))).execute(connection)?)
}
