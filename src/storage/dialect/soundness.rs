//! Whether the database itself is sound: what SQLite can tell of its file, and PostgreSQL of its constraints and indexes.

use crate::storage::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct Fault {
    #[diesel(sql_type = Text)]
    fault: String,
}

/// Everything that is wrong, in sentences; a sound database has none.
///
/// # Errors
/// Only those of the database.
pub fn faults(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    let statement = match connection {
        DbConnection::Sqlite(_) => {
            "SELECT integrity_check AS fault FROM pragma_integrity_check WHERE integrity_check <> 'ok' \
             UNION ALL \
             SELECT COUNT(*) || ' rows of ' || \"table\" || ' refer to rows of ' || parent || ' that do not exist' AS fault \
             FROM pragma_foreign_key_check GROUP BY \"table\", parent"
        }
        DbConnection::Postgres(_) => {
            "SELECT 'constraint ' || conname || ' of ' || conrelid::regclass || ' was never checked' AS fault \
             FROM pg_constraint WHERE NOT convalidated AND connamespace = current_schema()::regnamespace \
             UNION ALL \
             SELECT 'index ' || indexrelid::regclass || ' is not valid' AS fault FROM pg_index \
             JOIN pg_class ON pg_class.oid = indexrelid \
             WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace"
        }
    };
    let faults: Vec<Fault> = diesel::sql_query(statement).load(connection)?;
    Ok(faults.into_iter().map(|row| row.fault).collect())
}
