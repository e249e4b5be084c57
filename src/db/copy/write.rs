//! Inserts rows into the target: one prepared statement per row on SQLite, one array per column on PostgreSQL.

use super::CopyError;
use super::catalogue::CopyTable;
use super::cell::{ColumnKind, CopyValue};
use crate::db::DbConnection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, BoxedSqlQuery, QueryFragment, QueryId, SqlQuery};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Date, Double, Integer, Nullable, Text, Time, Timestamp};
use diesel::sqlite::Sqlite;

/// Maximum rows per statement.
const ROWS: usize = 2_000;
/// Maximum bytes per statement.
const BYTES: usize = 4 * 1024 * 1024;

/// Collects rows until there are enough for a statement.
pub struct RowBatch<'a> {
    table: &'a CopyTable,
    insert: String,
    waiting: Vec<Vec<CopyValue>>,
    bytes: usize,
}

impl<'a> RowBatch<'a> {
    /// Creates an empty batch.
    pub fn new(table: &'a CopyTable, target: &DbConnection) -> Self {
        let names: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let into = format!("INSERT INTO \"{}\" ({})", table.name, names.join(", "));
        let insert = match target {
            DbConnection::Sqlite(_) => into,
            DbConnection::Postgres(_) => {
                let arrays: Vec<String> =
                    table.columns.iter().zip(1..).map(|(column, at)| format!("${at}::{}[]", type_of(column.kind))).collect();
                format!("{into} OVERRIDING SYSTEM VALUE SELECT * FROM unnest({})", arrays.join(", "))
            }
        };
        Self { table, insert, waiting: Vec::new(), bytes: 0 }
    }

    /// Adds a row, and inserts the batch when it is full.
    pub fn add(&mut self, target: &mut DbConnection, row: Vec<CopyValue>) -> Result<(), CopyError> {
        self.bytes += row.iter().map(CopyValue::weight).sum::<usize>();
        self.waiting.push(row);
        if self.waiting.len() >= ROWS || self.bytes >= BYTES { self.store(target) } else { Ok(()) }
    }

    /// Inserts the collected rows.
    pub fn store(&mut self, target: &mut DbConnection) -> Result<(), CopyError> {
        let rows = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if rows.is_empty() {
            return Ok(());
        }
        match target {
            DbConnection::Sqlite(sqlite) => {
                for row in &rows {
                    InsertRow { into: &self.insert, table: self.table, row }.execute(sqlite)?;
                }
            }
            DbConnection::Postgres(pg) => {
                let mut columns: Vec<Vec<CopyValue>> =
                    self.table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
                for row in rows {
                    row.into_iter().zip(&mut columns).for_each(|(cell, column)| column.push(cell));
                }
                let mut query = diesel::sql_query(&self.insert).into_boxed::<Pg>();
                for (cells, column) in columns.into_iter().zip(&self.table.columns) {
                    query = bind(query, column.kind, cells);
                }
                query.execute(pg)?;
            }
        }
        Ok(())
    }
}

const fn type_of(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::BigInt => "bigint",
        ColumnKind::Integer => "integer",
        ColumnKind::Bool => "boolean",
        ColumnKind::Double => "double precision",
        ColumnKind::Stored | ColumnKind::Text => "text",
        ColumnKind::Bytes => "bytea",
        ColumnKind::Timestamp => "timestamp",
        ColumnKind::Date => "date",
        ColumnKind::Time => "time",
    }
}

/// Binds a column; reading has already checked the type of every value.
fn bind<'a>(query: BoxedSqlQuery<'a, Pg, SqlQuery>, kind: ColumnKind, cells: Vec<CopyValue>) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
    macro_rules! each {
        ($sql:ty, $cell:pat => $value:expr) => {{
            let values: Vec<Option<_>> =
                cells.into_iter().map(|cell| if let $cell = cell { Some($value) } else { None }).collect();
            query.bind::<Array<Nullable<$sql>>, _>(values)
        }};
    }
    match kind {
        ColumnKind::BigInt => each!(BigInt, CopyValue::Integer(number) => number),
        ColumnKind::Integer => each!(Integer, CopyValue::Integer(number) => i32::try_from(number).unwrap_or_default()),
        ColumnKind::Bool => each!(Bool, CopyValue::Bool(truth) => truth),
        ColumnKind::Double => each!(Double, CopyValue::Real(number) => number),
        ColumnKind::Stored | ColumnKind::Text => each!(Text, CopyValue::Text(text) => text),
        ColumnKind::Bytes => each!(Binary, CopyValue::Bytes(bytes) => bytes),
        ColumnKind::Timestamp => each!(Timestamp, CopyValue::Timestamp(at) => at),
        ColumnKind::Date => each!(Date, CopyValue::Date(day) => day),
        ColumnKind::Time => each!(Time, CopyValue::Time(time) => time),
    }
}

/// Inserts one row into SQLite; the text is the same for all rows of a table, so it is prepared once.
struct InsertRow<'a> {
    into: &'a str,
    table: &'a CopyTable,
    row: &'a [CopyValue],
}

impl QueryId for InsertRow<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> diesel::RunQueryDsl<Conn> for InsertRow<'_> {}

impl QueryFragment<Sqlite> for InsertRow<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.into);
        let mut before = " VALUES (";
        for (cell, column) in self.row.iter().zip(&self.table.columns) {
            out.push_sql(before);
            before = ", ";
            match cell {
                CopyValue::Integer(number) => out.push_bind_param::<BigInt, _>(number)?,
                CopyValue::Bool(truth) => out.push_bind_param::<Bool, _>(truth)?,
                CopyValue::Real(number) => out.push_bind_param::<Double, _>(number)?,
                CopyValue::Text(text) => out.push_bind_param::<Text, _>(text)?,
                CopyValue::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes)?,
                CopyValue::Timestamp(at) => out.push_bind_param::<Timestamp, _>(at)?,
                CopyValue::Date(day) => out.push_bind_param::<Date, _>(day)?,
                CopyValue::Time(time) => out.push_bind_param::<Time, _>(time)?,
                // NULL needs the type of the column, because prepared statements are cached by the bound types.
                CopyValue::Null => match column.kind {
                    ColumnKind::BigInt | ColumnKind::Integer | ColumnKind::Bool => {
                        out.push_bind_param::<Nullable<BigInt>, _>(&None::<i64>)?
                    }
                    ColumnKind::Double => out.push_bind_param::<Nullable<Double>, _>(&None::<f64>)?,
                    ColumnKind::Bytes => out.push_bind_param::<Nullable<Binary>, _>(&None::<Vec<u8>>)?,
                    _ => out.push_bind_param::<Nullable<Text>, _>(&None::<String>)?,
                },
            }
        }
        out.push_sql(")");
        Ok(())
    }
}
