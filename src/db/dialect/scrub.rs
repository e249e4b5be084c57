//! Taking what was deleted off the disk: a database keeps the bytes of deleted rows in its pages until it needs the room.

use crate::db::StorageError;
use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::vault::SEALED_COLUMNS;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use std::time::Duration;

/// Tables of what people wrote and of what is known of them.
const OF_TEXTS: &[&str] = &[
    "accounts",
    "answers",
    "attachments",
    "delivery_attempts",
    "exchange_messages",
    "idempotency_keys",
    "outbox",
    "petition_texts",
    "petitioners",
    "publications",
    "requests",
    "sessions",
    "timeline",
    "zalo_conversations",
    "zalo_events",
    "zalo_people",
    "zalo_replies",
];

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
        DbConnection::Postgres(connection) => Ok(connection.batch_execute(&format!("VACUUM {}", OF_TEXTS.join(", ")))?),
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
