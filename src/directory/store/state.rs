//! The single row of `directory_state`; its versions tell every instance whether its snapshot is current.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::directory_state;
use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;

/// The versions of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct DirectoryState {
    /// Raised by every change of the directory.
    pub directory_version: i64,
    /// Raised by every change of the calendar.
    pub calendar_version: i64,
    /// Whether this database contains the generated petitions of the demo year.
    pub is_demo: bool,
}

/// Returns the current versions. There is one row, and every filing reads it: with a `LIMIT`, Diesel would prepare
/// the statement anew each time.
pub fn read(connection: &mut DbConnection) -> Result<DirectoryState, StorageError> {
    let state = directory_state::table.select((
        directory_state::directory_version,
        directory_state::calendar_version,
        directory_state::is_demo,
    ));
    Ok(on_backend!(connection, either => state.get_result(either))?)
}

/// Locks the directory against other changes until this transaction ends. Call it before reading the directory for
/// a change: on PostgreSQL two concurrent changes would each decide on data that the other is about to replace.
pub fn lock(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::update(directory_state::table)
        .set(directory_state::directory_version.eq(directory_state::directory_version))
        .execute(connection)?;
    Ok(())
}

/// Raises the directory version, so that every instance reloads it.
pub fn raise(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::update(directory_state::table)
        .set(directory_state::directory_version.eq(directory_state::directory_version + 1))
        .execute(connection)?;
    Ok(())
}

/// Raises the version of the calendar, which is stored with deadlines, and of the directory.
pub fn raise_calendar(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::update(directory_state::table)
        .set((
            directory_state::directory_version.eq(directory_state::directory_version + 1),
            directory_state::calendar_version.eq(directory_state::calendar_version + 1),
        ))
        .execute(connection)?;
    Ok(())
}

/// Marks the database as demo data; done before the demo year files its first petition.
pub fn mark_as_demo(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::update(directory_state::table).set(directory_state::is_demo.eq(true)).execute(connection)?;
    Ok(())
}

/// Returns the version of the statutory rules with which the deadlines of open petitions were computed.
pub fn calendar_law(connection: &mut DbConnection) -> Result<i32, StorageError> {
    Ok(directory_state::table.select(directory_state::calendar_law).get_result(connection)?)
}

/// Stores the version with which they were computed.
pub fn note_calendar_law(connection: &mut DbConnection, version: i32) -> Result<(), StorageError> {
    diesel::update(directory_state::table).set(directory_state::calendar_law.eq(version)).execute(connection)?;
    Ok(())
}
