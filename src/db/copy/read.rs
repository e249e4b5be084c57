//! Streams the rows of a table in key order.

use super::CopyError;
use super::catalogue::{CopyColumn, CopyTable};
use super::cell::{ColumnKind, CopyValue, RawRow};
use crate::db::DbConnection;
use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use sha2::{Digest, Sha256};

#[derive(QueryableByName)]
struct TableRowCount {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Returns the number of rows of a table.
pub fn count(connection: &mut DbConnection, table: &str) -> Result<u64, CopyError> {
    let found: TableRowCount = diesel::sql_query(format!("SELECT COUNT(*) AS rows FROM \"{table}\"")).get_result(connection)?;
    Ok(found.rows.unsigned_abs())
}

/// Text is ordered by its bytes as in SQLite, independent of the server's collation.
fn statement(table: &CopyTable, is_postgres: bool) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let by_bytes = |name: &String| {
        let is_text = table.columns.iter().any(|column| column.name == *name && column.kind == ColumnKind::Text);
        if is_postgres && is_text { format!("\"{name}\" COLLATE \"C\"") } else { format!("\"{name}\"") }
    };
    let key: Vec<String> = table.key.iter().map(by_bytes).collect();
    format!("SELECT {} FROM \"{}\" ORDER BY {}", columns.join(", "), table.name, key.join(", "))
}

/// Passes every row to a closure, in key order, and returns the number of rows and their hash.
///
/// # Errors
/// A value that does not fit the type of its column; the closure's error; database errors.
pub fn every_row(
    connection: &mut DbConnection,
    table: &CopyTable,
    work: &mut dyn FnMut(Vec<CopyValue>) -> Result<(), CopyError>,
) -> Result<(u64, String), CopyError> {
    let mut seen = RowStreamDigest { table, rows: 0, hash: Sha256::new() };
    match connection {
        DbConnection::Sqlite(sqlite) => {
            let query = diesel::sql_query(statement(table, false));
            for row in query.load_iter::<RawRow, DefaultLoadingMode>(sqlite)? {
                work(seen.take(row?)?)?;
            }
        }
        DbConnection::Postgres(pg) => {
            let query = diesel::sql_query(statement(table, true));
            for row in query.load_iter::<RawRow, PgRowByRowLoadingMode>(pg)? {
                work(seen.take(row?)?)?;
            }
        }
    }
    Ok((seen.rows, data_encoding::HEXLOWER.encode(&seen.hash.finalize())))
}

struct RowStreamDigest<'a> {
    table: &'a CopyTable,
    rows: u64,
    hash: Sha256,
}

impl RowStreamDigest<'_> {
    fn take(&mut self, row: RawRow) -> Result<Vec<CopyValue>, CopyError> {
        self.rows += 1;
        let wrong = |column: &CopyColumn, why: &str| CopyError::Value {
            table: self.table.name.clone(),
            column: column.name.clone(),
            row: self.rows,
            why: why.to_owned(),
        };
        let mut cells = Vec::with_capacity(row.0.len());
        for (cell, column) in row.0.into_iter().zip(&self.table.columns) {
            let cell = cell.of_kind(column.kind).map_err(|why| wrong(column, why))?;
            cell.digest(&mut self.hash);
            cells.push(cell);
        }
        Ok(cells)
    }
}
