//! Moves petitioners stored by an older version from the plain-text table to the encrypted one.

use crate::db::schema::petitioners_in_clear;
use crate::db::{DbConnection, StorageError};
use crate::petitions::store::{PetitionerRow, petitioners};
use diesel::prelude::*;

/// Encrypts some plain-text petitioners and returns their number.
///
/// Several instances may do so at once: the one that deletes a row moves it.
pub fn seal_petitioners(connection: &mut DbConnection, limit: i64) -> Result<usize, StorageError> {
    let rows: Vec<PetitionerRow> =
        petitioners_in_clear::table.order(petitioners_in_clear::petition_id).limit(limit).load(connection)?;
    let mut moved = 0;
    for row in rows {
        if diesel::delete(petitioners_in_clear::table.find(row.petition_id)).execute(connection)? == 1 {
            petitioners::insert(connection, &row)?;
            moved += 1;
        }
    }
    Ok(moved)
}
