//! Appends bytes to a column in an upsert.
//!
//! SQLite's `||` returns text even for two blobs, without changing a byte, so the result needs a cast.

use crate::db::DbConnection;

/// Returns the assignment that appends the inserted value to the existing one in `INSERT … ON CONFLICT`.
pub fn appended(connection: &DbConnection, table: &str, column: &str) -> String {
    match connection {
        DbConnection::Sqlite(_) => format!("{column} = CAST({table}.{column} || excluded.{column} AS BLOB)"),
        DbConnection::Postgres(_) => format!("{column} = {table}.{column} || excluded.{column}"),
    }
}
