//! Taking what was deleted off the disk: a database keeps the bytes of deleted rows in its pages until it needs the room.

use crate::db::StorageError;
use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::vault::SEALED_COLUMNS;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use std::time::Duration;

/// The tables that can hold a text, as names for statements: asked of the database, so that no later one is forgotten.
const OF_TEXTS: &str = "SELECT DISTINCT quote_ident(c.relname)::text AS name \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' \
     AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen < 0 ORDER BY 1";

#[derive(QueryableByName)]
struct NamedTable {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Takes what was deleted or overwritten off the disk while others go on: an SQLite file is written anew and its log emptied, which
/// holds up writers meanwhile; PostgreSQL gives the room of dead rows free, which holds up nobody.
///
/// # Errors
/// Those of the database; `Unavailable` when a reader kept the log from being emptied: it can be done again.
pub fn scrub_texts(url: &DatabaseUrl) -> Result<(), StorageError> {
    let settings = SessionSettings::UNLIMITED;
    match &mut url.connect(Access::Write, settings)? {
        DbConnection::Sqlite(connection) => {
            connection.batch_execute("VACUUM")?;
            for _ in 0..EMPTYING_TRIES {
                let state: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(connection)?;
                if state.busy == 0 {
                    return Ok(());
                }
                std::thread::sleep(EMPTYING_PAUSE);
            }
            Err(StorageError::Unavailable("somebody reads the database for so long that its log cannot be emptied".to_owned()))
        }
        DbConnection::Postgres(connection) => {
            let tables: Vec<NamedTable> = diesel::sql_query(OF_TEXTS).load(connection)?;
            let names: Vec<String> = tables.into_iter().map(|table| table.name).collect();
            Ok(connection.batch_execute(&format!("VACUUM {}", names.join(", ")))?)
        }
    }
}

/// How often it is tried to empty the log, and how long is waited between.
const EMPTYING_TRIES: u32 = 20;
const EMPTYING_PAUSE: Duration = Duration::from_millis(500);

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Writes the tables of personal data anew, without anything that was deleted or overwritten. Blocks, and locks the tables.
///
/// # Errors
/// Those of the database, when somebody else holds the tables among them.
pub fn scrub(url: &DatabaseUrl) -> Result<(), StorageError> {
    let settings = SessionSettings::UNLIMITED;
    match &mut url.connect(Access::Write, settings)? {
        DbConnection::Sqlite(connection) => {
            connection.batch_execute("PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        DbConnection::Postgres(connection) => {
            let mut tables: Vec<&str> = SEALED_COLUMNS.iter().map(|place| place.table).chain(["petitioners_in_clear"]).collect();
            tables.sort_unstable();
            tables.dedup();
            for table in tables {
                connection.batch_execute(&format!("VACUUM (FULL) {table}"))?;
            }
        }
    }
    Ok(())
}
