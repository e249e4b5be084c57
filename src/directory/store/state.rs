//! The single row of `directory_state`: by its versions every instance knows whether its snapshot is still the present one.

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
    /// Whether the petitions of this database are the demo year's.
    pub is_demo: bool,
}

/// The present versions. There is one row, and every filing asks for it: with a `LIMIT` Diesel would prepare the statement anew
/// each time.
pub fn read(connection: &mut DbConnection) -> Result<DirectoryState, StorageError> {
    let state = directory_state::table.select((
        directory_state::directory_version,
        directory_state::calendar_version,
        directory_state::is_demo,
    ));
    Ok(on_backend!(connection, either => state.get_result(either))?)
}

/// Makes other changes of the directory wait until this transaction ends. Called before the directory is read for a change:
/// on PostgreSQL two changes at the same time would each decide on what the other is about to replace.
pub fn lock(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::update(directory_state::table)
        .set(directory_state::directory_version.eq(directory_state::directory_version))
        .execute(connection)?;
    Ok(())
}

/// Raises the version of the directory, so that every instance reads it again.
pub fn raise(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::update(directory_state::table)
        .set(directory_state::directory_version.eq(directory_state::directory_version + 1))
        .execute(connection)?;
    Ok(())
}

/// Raises the versions of the calendar, with which deadlines are stored, and of the directory.
pub fn raise_calendar(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::update(directory_state::table)
        .set((
            directory_state::directory_version.eq(directory_state::directory_version + 1),
            directory_state::calendar_version.eq(directory_state::calendar_version + 1),
        ))
        .execute(connection)?;
    Ok(())
}

/// Marks the database as one whose petitions are made up, which the demo year does before it files the first one.
pub fn mark_as_demo(connection: &mut DbConnection) -> Result<(), StorageError> {
    diesel::update(directory_state::table).set(directory_state::is_demo.eq(true)).execute(connection)?;
    Ok(())
}

/// By which version of the rules for days off by law the deadlines of open petitions were computed.
pub fn calendar_law(connection: &mut DbConnection) -> Result<i32, StorageError> {
    Ok(directory_state::table.select(directory_state::calendar_law).get_result(connection)?)
}

/// Notes that they were computed by this version.
pub fn note_calendar_law(connection: &mut DbConnection, version: i32) -> Result<(), StorageError> {
    diesel::update(directory_state::table).set(directory_state::calendar_law.eq(version)).execute(connection)?;
    Ok(())
}
