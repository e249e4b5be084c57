//! Lists tables, columns, keys and identity columns from the database catalogue, so that none can be forgotten.

use super::CopyError;
use super::cell::ColumnKind;
use crate::db::DbConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyColumn {
    pub name: String,
    pub kind: ColumnKind,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyTable {
    pub name: String,
    /// All columns except computed ones.
    pub columns: Vec<CopyColumn>,
    /// The columns of the primary key; all columns if there is none.
    pub key: Vec<String>,
    /// The identity (auto-increment) column.
    pub counter: Option<String>,
}

#[derive(QueryableByName)]
struct CatalogueRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    /// Position in the key from 1 on, 0 outside.
    #[diesel(sql_type = BigInt)]
    key_position: i64,
    #[diesel(sql_type = Bool)]
    is_counter: bool,
}

const SQLITE: &str = "SELECT t.name AS table_name, c.name AS column_name, c.type AS data_type, c.pk AS key_position, \
     c.pk = 1 AND m.sql LIKE '%AUTOINCREMENT%' AS is_counter \
     FROM pragma_table_list t JOIN pragma_table_info(t.name) c JOIN sqlite_master m ON m.name = t.name AND m.type = 'table' \
     WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
     AND t.name <> '__diesel_schema_migrations' ORDER BY t.name, c.cid";

const POSTGRES: &str = "SELECT c.relname::text AS table_name, a.attname::text AS column_name, \
     format_type(a.atttypid, a.atttypmod) AS data_type, \
     coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)::bigint AS key_position, a.attidentity <> '' AS is_counter \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') \
     AND c.relname <> '__diesel_schema_migrations' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' \
     ORDER BY c.relname::text COLLATE \"C\", a.attnum";

/// Returns the tables of a database, by name.
///
/// # Errors
/// A column of an unknown type; database errors.
pub fn tables(connection: &mut DbConnection) -> Result<Vec<CopyTable>, CopyError> {
    let (found, is_postgres): (Vec<CatalogueRow>, bool) = match connection {
        DbConnection::Sqlite(sqlite) => (diesel::sql_query(SQLITE).load(sqlite)?, false),
        DbConnection::Postgres(pg) => (diesel::sql_query(POSTGRES).load(pg)?, true),
    };
    let mut tables: Vec<(CopyTable, Vec<(i64, String)>)> = Vec::new();
    for row in found {
        let kind = match is_postgres {
            false => ColumnKind::Stored,
            true => ColumnKind::of_postgres(&row.data_type).ok_or_else(|| {
                CopyError::Schema(format!("{}.{} is of the unknown type {}", row.table_name, row.column_name, row.data_type))
            })?,
        };
        if tables.last().is_none_or(|(table, _)| table.name != row.table_name) {
            let table = CopyTable { name: row.table_name, columns: Vec::new(), key: Vec::new(), counter: None };
            tables.push((table, Vec::new()));
        }
        let Some((table, key)) = tables.last_mut() else { continue };
        if row.is_counter {
            table.counter = Some(row.column_name.clone());
        }
        if row.key_position > 0 {
            key.push((row.key_position, row.column_name.clone()));
        }
        table.columns.push(CopyColumn { name: row.column_name, kind });
    }
    let with_key = |(mut table, mut key): (CopyTable, Vec<(i64, String)>)| {
        key.sort();
        table.key = match key.is_empty() {
            true => table.columns.iter().map(|column| column.name.clone()).collect(),
            false => key.into_iter().map(|(_, name)| name).collect(),
        };
        table
    };
    Ok(tables.into_iter().map(with_key).collect())
}

/// Merges the tables of both databases; column types come from PostgreSQL if one of them is that.
///
/// # Errors
/// [`CopyError::Schema`] when a table or column is missing on one side.
pub fn agreed(source: Vec<CopyTable>, target: &[CopyTable]) -> Result<Vec<CopyTable>, CopyError> {
    if let Some(more) = target.iter().find(|table| !source.iter().any(|other| other.name == table.name)) {
        return Err(CopyError::Schema(format!("the source has no table {}", more.name)));
    }
    source.into_iter().map(|table| of_both(table, target)).collect()
}

fn of_both(table: CopyTable, target: &[CopyTable]) -> Result<CopyTable, CopyError> {
    let missing = || CopyError::Schema(format!("the target has no table {}", table.name));
    let other = target.iter().find(|other| other.name == table.name).ok_or_else(missing)?;
    if let Some(more) = other.columns.iter().find(|column| !table.columns.iter().any(|own| own.name == column.name)) {
        return Err(CopyError::Schema(format!("the source has no column {}.{}", table.name, more.name)));
    }
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let Some(same) = other.columns.iter().find(|same| same.name == column.name) else {
            return Err(CopyError::Schema(format!("the target has no column {}.{}", table.name, column.name)));
        };
        let kind = if column.kind == ColumnKind::Stored { same.kind } else { column.kind };
        columns.push(CopyColumn { name: column.name.clone(), kind });
    }
    Ok(CopyTable { columns, ..table })
}
