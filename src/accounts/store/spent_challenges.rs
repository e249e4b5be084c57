//! Spent proof-of-work challenges, stored by their hash.

use crate::db::schema::spent_proofs;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

/// Marks a challenge as spent; returns `false` when any instance has spent it before.
pub fn spend(connection: &mut DbConnection, puzzle: &str, expires_at: Instant) -> Result<bool, StorageError> {
    let inserted = diesel::sql_query("INSERT INTO spent_proofs (puzzle, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<Text, _>(puzzle)
        .bind::<Timestamp, _>(expires_at)
        .execute(connection)?;
    Ok(inserted == 1)
}

/// Returns whether a challenge is spent.
pub fn is_spent(connection: &mut DbConnection, puzzle: &str) -> Result<bool, StorageError> {
    Ok(diesel::select(exists(spent_proofs::table.find(puzzle))).get_result(connection)?)
}

/// Releases a challenge that was spent for something that was not stored.
pub fn give_back(connection: &mut DbConnection, puzzle: &str) -> Result<(), StorageError> {
    diesel::delete(spent_proofs::table.find(puzzle)).execute(connection)?;
    Ok(())
}

/// Deletes expired challenges.
pub fn purge(connection: &mut DbConnection, now: Instant) -> Result<usize, StorageError> {
    Ok(diesel::delete(spent_proofs::table.filter(spent_proofs::expires_at.lt(now))).execute(connection)?)
}
