//! Prepares and completes the target of a copy: emptiness check, foreign keys, sequences.

use super::CopyError;
use super::catalogue::CopyTable;
use super::read::count;
use crate::db::{DatabaseUrl, DbConnection, migrate};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use std::collections::BTreeMap;

#[derive(QueryableByName)]
struct ForeignKey {
    #[diesel(sql_type = Text)]
    away: String,
    #[diesel(sql_type = Text)]
    back: String,
}

/// PostgreSQL checks foreign keys on each insert, so rows could not refer to later ones.
const REFERENCES: &str = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away, \
     format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS back \
     FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND connamespace = current_schema()::regnamespace \
     ORDER BY conrelid::regclass::text, conname";

/// Drops all foreign keys in the transaction; returns the statements that restore them.
pub fn drop_foreign_keys(target: &mut DbConnection) -> Result<Vec<String>, CopyError> {
    let DbConnection::Postgres(pg) = target else { return Ok(Vec::new()) };
    let found: Vec<ForeignKey> = diesel::sql_query(REFERENCES).load(pg)?;
    let mut back = Vec::with_capacity(found.len());
    for reference in found {
        pg.batch_execute(&reference.away)?;
        back.push(reference.back);
    }
    Ok(back)
}

#[derive(QueryableByName)]
struct BrokenForeignKey {
    #[diesel(sql_type = Text)]
    table_name: String,
}

/// Restores the foreign keys, which checks all references.
///
/// # Errors
/// [`CopyError::Broken`] when a row refers to a missing one.
pub fn restore_foreign_keys(target: &mut DbConnection, back: &[String]) -> Result<(), CopyError> {
    match target {
        DbConnection::Postgres(pg) => Ok(back.iter().try_for_each(|statement| pg.batch_execute(statement))?),
        DbConnection::Sqlite(sqlite) => {
            let question = "SELECT \"table\" AS table_name FROM pragma_foreign_key_check LIMIT 1";
            let broken: Vec<BrokenForeignKey> = diesel::sql_query(question).load(sqlite)?;
            broken.into_iter().next().map_or(Ok(()), |row| Err(CopyError::Broken(row.table_name)))
        }
    }
}

/// Empties a database that contains only what the migrations insert.
///
/// # Errors
/// [`CopyError::NotEmpty`] when there is more.
pub fn emptied(target: &mut DbConnection, tables: &[CopyTable]) -> Result<(), CopyError> {
    let fresh = fresh_rows()?;
    let mut filled = Vec::new();
    for table in tables {
        let rows = count(target, &table.name)?;
        if rows > fresh.get(&table.name).copied().unwrap_or_default() {
            return Err(CopyError::NotEmpty { table: table.name.clone(), rows });
        }
        if rows > 0 {
            filled.push(&table.name);
        }
    }
    for table in filled {
        target.batch_execute(&format!("DELETE FROM \"{table}\""))?;
    }
    Ok(())
}

/// Returns how many rows the migrations insert per table, using an in-memory database.
fn fresh_rows() -> Result<BTreeMap<String, u64>, CopyError> {
    let mut fresh = DbConnection::Sqlite(migrate::in_memory()?);
    let mut rows = BTreeMap::new();
    for table in super::catalogue::tables(&mut fresh)? {
        rows.insert(table.name.clone(), count(&mut fresh, &table.name)?);
    }
    Ok(rows)
}

#[derive(QueryableByName)]
struct LastValue {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct SequenceState {
    #[diesel(sql_type = BigInt)]
    value: i64,
    #[diesel(sql_type = Bool)]
    is_called: bool,
}

/// Returns the last value of a sequence, 0 before the first; it may be higher than any row's id.
pub fn counter(connection: &mut DbConnection, table: &str, column: &str) -> Result<i64, CopyError> {
    match connection {
        DbConnection::Sqlite(sqlite) => {
            let found: Option<LastValue> = diesel::sql_query("SELECT seq AS value FROM sqlite_sequence WHERE name = $1")
                .bind::<Text, _>(table)
                .get_result(sqlite)
                .optional()?;
            Ok(found.map_or(0, |last| last.value))
        }
        DbConnection::Postgres(pg) => {
            let sequence = sequence_of(pg, table, column)?;
            let question = format!("SELECT last_value AS value, is_called FROM {sequence}");
            let found: SequenceState = diesel::sql_query(question).get_result(pg)?;
            Ok(if found.is_called { found.value } else { found.value - 1 })
        }
    }
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

fn sequence_of(pg: &mut PgConnection, table: &str, column: &str) -> Result<String, CopyError> {
    let name: NameRow = diesel::sql_query("SELECT pg_get_serial_sequence(quote_ident($1), $2) AS name")
        .bind::<Text, _>(table)
        .bind::<Text, _>(column)
        .get_result(pg)?;
    Ok(name.name)
}

/// Sets a sequence so that the next value is after `last` and after every row.
pub fn set_counter(target: &mut DbConnection, table: &str, column: &str, last: i64) -> Result<(), CopyError> {
    let question = format!("SELECT coalesce(max(\"{column}\"), 0) AS value FROM \"{table}\"");
    let highest: LastValue = diesel::sql_query(question).get_result(target)?;
    let last = last.max(highest.value);
    match target {
        DbConnection::Sqlite(sqlite) => {
            let changed = diesel::sql_query("UPDATE sqlite_sequence SET seq = $1 WHERE name = $2")
                .bind::<BigInt, _>(last)
                .bind::<Text, _>(table)
                .execute(sqlite)?;
            if changed == 0 && last > 0 {
                diesel::sql_query("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)")
                    .bind::<Text, _>(table)
                    .bind::<BigInt, _>(last)
                    .execute(sqlite)?;
            }
        }
        DbConnection::Postgres(pg) => {
            diesel::sql_query("SELECT setval(pg_get_serial_sequence(quote_ident($1), $2), $3, $4)")
                .bind::<Text, _>(table)
                .bind::<Text, _>(column)
                .bind::<BigInt, _>(last.max(1))
                .bind::<Bool, _>(last > 0)
                .execute(pg)?;
        }
    }
    Ok(())
}

/// Runs `ANALYZE`, because statistics are not copied; PostgreSQL would collect them within minutes and be slow
/// until then.
pub fn analysed(target: &mut DbConnection, address: &DatabaseUrl) {
    let DbConnection::Postgres(pg) = target else { return };
    if let Err(error) = pg.batch_execute("ANALYZE") {
        tracing::warn!(%error, database = %address.without_password(), "ANALYZE failed after copy");
    }
}
