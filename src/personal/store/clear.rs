//! Petitioners of the time before their data were sealed: moved from the table in clear into the sealed one.

use crate::db::schema::petitioners_in_clear;
use crate::db::{DbConnection, StorageError};
use crate::petitions::store::{PetitionerRow, petitioners};
use diesel::prelude::*;

/// Seals some petitioners that lie in clear; says how many.
///
/// Several instances may do so at once: whoever deletes a row moves it.
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
