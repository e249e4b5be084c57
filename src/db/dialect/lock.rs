//! Row and table locks until the end of a transaction, and checks for concurrent changes.
//!
//! No-ops on SQLite, which has a single writer.

use crate::db::schema::agencies;
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::{AgencyId, PetitionId};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// Locks the row of a petition.
pub fn petition(connection: &mut DbConnection, id: PetitionId) -> Result<(), StorageError> {
    if let DbConnection::Postgres(connection) = connection {
        diesel::sql_query("SELECT 1 FROM petitions WHERE id = $1 FOR UPDATE").bind::<BigInt, _>(id).execute(connection)?;
    }
    Ok(())
}

/// Locks all petitions against changes and inserts, waiting for running transactions; reads continue.
pub fn every_petition(connection: &mut DbConnection) -> Result<(), StorageError> {
    if let DbConnection::Postgres(connection) = connection {
        diesel::sql_query("LOCK TABLE petitions IN EXCLUSIVE MODE").execute(connection)?;
    }
    Ok(())
}

/// Returns whether an agency that was in force when the transaction began still is: a reform may have ended it
/// while the transaction waited for [`every_petition`].
pub fn is_still_in_force(connection: &mut DbConnection, agency: AgencyId, day: NaiveDate) -> Result<bool, StorageError> {
    let DbConnection::Postgres(connection) = connection else { return Ok(true) };
    let last: Option<NaiveDate> = agencies::table.find(agency).select(agencies::valid_to).get_result(connection)?;
    Ok(last.is_none_or(|last| day <= last))
}

/// Returns the end of a `SELECT` that skips rows locked by other transactions.
#[must_use]
pub fn skip_locked(connection: &DbConnection) -> &'static str {
    match connection {
        DbConnection::Sqlite(_) => "",
        DbConnection::Postgres(_) => " FOR UPDATE SKIP LOCKED",
    }
}
