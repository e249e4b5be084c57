//! Puzzles of the proof of work whose answers were shown; a puzzle is known by its hash.

use crate::db::schema::spent_proofs;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

/// Notes that a puzzle was used; false when it was before, by whichever instance.
pub fn spend(connection: &mut DbConnection, puzzle: &str, expires_at: Instant) -> Result<bool, StorageError> {
    let inserted = diesel::sql_query("INSERT INTO spent_proofs (puzzle, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<Text, _>(puzzle)
        .bind::<Timestamp, _>(expires_at)
        .execute(connection)?;
    Ok(inserted == 1)
}

/// Whether a puzzle was used.
pub fn is_spent(connection: &mut DbConnection, puzzle: &str) -> Result<bool, StorageError> {
    Ok(diesel::select(exists(spent_proofs::table.find(puzzle))).get_result(connection)?)
}

/// Makes a puzzle good again that was used for something of which nothing came.
pub fn give_back(connection: &mut DbConnection, puzzle: &str) -> Result<(), StorageError> {
    diesel::delete(spent_proofs::table.find(puzzle)).execute(connection)?;
    Ok(())
}

/// Forgets the puzzles that are good no more.
pub fn purge(connection: &mut DbConnection, now: Instant) -> Result<usize, StorageError> {
    Ok(diesel::delete(spent_proofs::table.filter(spent_proofs::expires_at.lt(now))).execute(connection)?)
}
