//! Rows into the target: prepared one by one on SQLite, as one array for each column on PostgreSQL.

use super::CopyError;
use super::catalogue::Table;
use super::cell::{Cell, Kind};
use crate::db::DbConnection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, BoxedSqlQuery, QueryFragment, QueryId, SqlQuery};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Date, Double, Integer, Nullable, Text, Time, Timestamp};
use diesel::sqlite::Sqlite;

/// Rows of one statement.
const ROWS: usize = 2_000;
/// Bytes of one statement.
const BYTES: usize = 4 * 1024 * 1024;

/// Rows that gather until there are enough for a statement.
pub struct Rows<'a> {
    table: &'a Table,
    insert: String,
    waiting: Vec<Vec<Cell>>,
    bytes: usize,
}

impl<'a> Rows<'a> {
    /// None yet.
    pub fn new(table: &'a Table, target: &DbConnection) -> Self {
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

    /// Takes one more, and stores those that wait when there are enough.
    pub fn add(&mut self, target: &mut DbConnection, row: Vec<Cell>) -> Result<(), CopyError> {
        self.bytes += row.iter().map(Cell::weight).sum::<usize>();
        self.waiting.push(row);
        if self.waiting.len() >= ROWS || self.bytes >= BYTES { self.store(target) } else { Ok(()) }
    }

    /// Stores those that wait.
    pub fn store(&mut self, target: &mut DbConnection) -> Result<(), CopyError> {
        let rows = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if rows.is_empty() {
            return Ok(());
        }
        match target {
            DbConnection::Sqlite(sqlite) => {
                for row in &rows {
                    Insert { into: &self.insert, table: self.table, row }.execute(sqlite)?;
                }
            }
            DbConnection::Postgres(pg) => {
                let mut columns: Vec<Vec<Cell>> = self.table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
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

const fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::BigInt => "bigint",
        Kind::Integer => "integer",
        Kind::Bool => "boolean",
        Kind::Double => "double precision",
        Kind::Stored | Kind::Text => "text",
        Kind::Bytes => "bytea",
        Kind::Timestamp => "timestamp",
        Kind::Date => "date",
        Kind::Time => "time",
    }
}

/// Binds a column; reading has made sure that every value is of its kind.
fn bind<'a>(query: BoxedSqlQuery<'a, Pg, SqlQuery>, kind: Kind, cells: Vec<Cell>) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
    macro_rules! each {
        ($sql:ty, $cell:pat => $value:expr) => {{
            let values: Vec<Option<_>> =
                cells.into_iter().map(|cell| if let $cell = cell { Some($value) } else { None }).collect();
            query.bind::<Array<Nullable<$sql>>, _>(values)
        }};
    }
    match kind {
        Kind::BigInt => each!(BigInt, Cell::Integer(number) => number),
        Kind::Integer => each!(Integer, Cell::Integer(number) => i32::try_from(number).unwrap_or_default()),
        Kind::Bool => each!(Bool, Cell::Bool(truth) => truth),
        Kind::Double => each!(Double, Cell::Real(number) => number),
        Kind::Stored | Kind::Text => each!(Text, Cell::Text(text) => text),
        Kind::Bytes => each!(Binary, Cell::Bytes(bytes) => bytes),
        Kind::Timestamp => each!(Timestamp, Cell::Timestamp(at) => at),
        Kind::Date => each!(Date, Cell::Date(day) => day),
        Kind::Time => each!(Time, Cell::Time(time) => time),
    }
}

/// One row into SQLite; its text stays the same for a table, so that it is prepared once.
struct Insert<'a> {
    into: &'a str,
    table: &'a Table,
    row: &'a [Cell],
}

impl QueryId for Insert<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> diesel::RunQueryDsl<Conn> for Insert<'_> {}

impl QueryFragment<Sqlite> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.into);
        let mut before = " VALUES (";
        for (cell, column) in self.row.iter().zip(&self.table.columns) {
            out.push_sql(before);
            before = ", ";
            match cell {
                Cell::Integer(number) => out.push_bind_param::<BigInt, _>(number)?,
                Cell::Bool(truth) => out.push_bind_param::<Bool, _>(truth)?,
                Cell::Real(number) => out.push_bind_param::<Double, _>(number)?,
                Cell::Text(text) => out.push_bind_param::<Text, _>(text)?,
                Cell::Bytes(bytes) => out.push_bind_param::<Binary, _>(bytes)?,
                Cell::Timestamp(at) => out.push_bind_param::<Timestamp, _>(at)?,
                Cell::Date(day) => out.push_bind_param::<Date, _>(day)?,
                Cell::Time(time) => out.push_bind_param::<Time, _>(time)?,
                // Of the type that the others in the column have: statements are kept by the types of what is bound.
                Cell::Null => match column.kind {
                    Kind::BigInt | Kind::Integer | Kind::Bool => out.push_bind_param::<Nullable<BigInt>, _>(&None::<i64>)?,
                    Kind::Double => out.push_bind_param::<Nullable<Double>, _>(&None::<f64>)?,
                    Kind::Bytes => out.push_bind_param::<Nullable<Binary>, _>(&None::<Vec<u8>>)?,
                    _ => out.push_bind_param::<Nullable<Text>, _>(&None::<String>)?,
                },
            }
        }
        out.push_sql(")");
        Ok(())
    }
}
