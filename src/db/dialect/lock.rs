//! Holding rows until the transaction ends, and finding out what somebody else changed meanwhile.
//!
//! On SQLite there is one writer, so that nothing has to be held and nothing changes.

use crate::db::schema::agencies;
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::{AgencyId, PetitionId};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// Holds the row of a petition.
pub fn petition(connection: &mut DbConnection, id: PetitionId) -> Result<(), StorageError> {
    if let DbConnection::Postgres(connection) = connection {
        diesel::sql_query("SELECT 1 FROM petitions WHERE id = $1 FOR UPDATE").bind::<BigInt, _>(id).execute(connection)?;
    }
    Ok(())
}

/// Lets nobody else change or enter a petition; whoever has begun to is waited for. Reading goes on.
pub fn every_petition(connection: &mut DbConnection) -> Result<(), StorageError> {
    if let DbConnection::Postgres(connection) = connection {
        diesel::sql_query("LOCK TABLE petitions IN EXCLUSIVE MODE").execute(connection)?;
    }
    Ok(())
}

/// Whether an agency that was in force when the transaction began is so still: a reform may have ended it while the
/// transaction waited for [`every_petition`].
pub fn is_still_in_force(connection: &mut DbConnection, agency: AgencyId, day: NaiveDate) -> Result<bool, StorageError> {
    let DbConnection::Postgres(connection) = connection else { return Ok(true) };
    let last: Option<NaiveDate> = agencies::table.find(agency).select(agencies::valid_to).get_result(connection)?;
    Ok(last.is_none_or(|last| day <= last))
}

/// The end of a `SELECT` that passes over rows which another transaction holds.
#[must_use]
pub fn skip_locked(connection: &DbConnection) -> &'static str {
    match connection {
        DbConnection::Sqlite(_) => "",
        DbConnection::Postgres(_) => " FOR UPDATE SKIP LOCKED",
    }
}
