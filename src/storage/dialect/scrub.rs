//! Taking what was deleted off the disk: a database keeps the bytes of deleted rows in its pages until it needs the room.

use crate::storage::StorageError;
use crate::storage::connection::{Access, DatabaseUrl, DbConnection, Durability, SessionSettings};
use crate::storage::vault::PLACES;
use diesel::connection::SimpleConnection;
use std::time::Duration;

/// Writes the tables of personal data anew, without anything that was deleted or overwritten. Blocks, and locks the tables.
///
/// # Errors
/// Those of the database, when somebody else holds the tables among them.
pub fn scrub(url: &DatabaseUrl) -> Result<(), StorageError> {
    let settings = SessionSettings { durability: Durability::Full, statement_limit: Duration::ZERO };
    match &mut url.connect(Access::Write, settings)? {
        DbConnection::Sqlite(connection) => {
            connection.batch_execute("PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        DbConnection::Postgres(connection) => {
            let mut tables: Vec<&str> = PLACES.iter().map(|place| place.table).chain(["petitioners_in_clear"]).collect();
            tables.sort_unstable();
            tables.dedup();
            for table in tables {
                connection.batch_execute(&format!("VACUUM (FULL) {table}"))?;
            }
        }
    }
    Ok(())
}
