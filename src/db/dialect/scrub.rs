//! Removes deleted data from disk: a database keeps the bytes of deleted rows in its pages until it reuses the
//! space.

use crate::db::StorageError;
use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::vault::SEALED_COLUMNS;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use std::time::Duration;

/// Names of all tables with text columns, read from the catalogue so that later tables are included.
const OF_TEXTS: &str = "SELECT DISTINCT quote_ident(c.relname)::text AS name \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' \
     AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen < 0 ORDER BY 1";

#[derive(QueryableByName)]
struct NamedTable {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Removes deleted or overwritten data while the server runs: an SQLite file is rewritten and its WAL truncated,
/// which blocks writers meanwhile; PostgreSQL vacuums dead rows, which blocks nobody.
///
/// # Errors
/// Errors of the database; `Unavailable` when a reader kept the WAL from being truncated: can be retried.
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

/// How often truncating the WAL is tried, and the pause between attempts.
const EMPTYING_TRIES: u32 = 20;
const EMPTYING_PAUSE: Duration = Duration::from_millis(500);

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Rewrites the tables with personal data without deleted or overwritten data. Blocks, and locks the tables.
///
/// # Errors
/// Errors of the database, including when another session locks the tables.
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
