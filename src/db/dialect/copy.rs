//! PostgreSQL's `COPY … FROM STDIN`, the fastest way to insert many rows.

use crate::db::StorageError;
use diesel::pg::{CopyTarget, PgConnection};
use diesel::prelude::*;

/// Copies lines in the text format into a table, with the columns in table order.
pub fn copy<T>(connection: &mut PgConnection, table: T, lines: &str) -> Result<(), StorageError>
where
    T: Table + CopyTarget<Table = T> + Copy + 'static,
{
    if lines.is_empty() {
        return Ok(());
    }
    let send = |copy: &mut dyn std::io::Write| {
        copy.write_all(lines.as_bytes()).map_err(|error| diesel::result::Error::SerializationError(error.into()))
    };
    diesel::copy_from(table).from_raw_data(table, send).execute(connection)?;
    Ok(())
}
