//! Holding a row until the transaction ends.
//!
//! On SQLite there is one writer, so that nothing has to be held.

use crate::domain::ids::PetitionId;
use crate::storage::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// Holds the row of a petition.
///
/// # Errors
/// Only those of the database.
pub fn petition(connection: &mut DbConnection, id: PetitionId) -> Result<(), StorageError> {
    if let DbConnection::Postgres(connection) = connection {
        diesel::sql_query("SELECT 1 FROM petitions WHERE id = $1 FOR UPDATE").bind::<BigInt, _>(id).execute(connection)?;
    }
    Ok(())
}
