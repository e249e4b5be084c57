//! Adding bytes to the end of a column in an upsert.
//!
//! SQLite calls the result of `||` a text even of two blobs, without touching a byte, and has to be told that it is none.

use crate::db::DbConnection;

/// The assignment that adds what an `INSERT … ON CONFLICT` brings to what stands in a column.
pub fn appended(connection: &DbConnection, table: &str, column: &str) -> String {
    match connection {
        DbConnection::Sqlite(_) => format!("{column} = CAST({table}.{column} || excluded.{column} AS BLOB)"),
        DbConnection::Postgres(_) => format!("{column} = {table}.{column} || excluded.{column}"),
    }
}
