//! Statements that Diesel cannot write once for both databases; every look at the kind of connection that the noun modules
//! need is in here.
//!
//! `on_either!` runs the same Diesel text on the connection behind the enum (`on_conflict`, for one, exists there and not on
//! the enum); `insert_all!` inserts many rows. Both leave the text once in the source. Raw SQL with `$1` works on both as it
//! stands, but is prepared anew each time; numbers have to appear first in ascending order there.

pub mod lock;

/// Runs `|c| statement` on the concrete connection; both expansions have to have the same type.
///
/// ```text
/// on_either!(connection, |c| diesel::insert_into(leases::table).values(&lease).on_conflict_do_nothing().execute(c))
/// ```
macro_rules! on_either {
    ($connection:expr, |$c:ident| $statement:expr) => {
        match $connection {
            $crate::storage::connection::DbConnection::Postgres($c) => $statement,
            $crate::storage::connection::DbConnection::Sqlite($c) => $statement,
        }
    };
}

/// Inserts a slice of rows, some hundred in one statement, and returns how many.
macro_rules! insert_all {
    ($connection:expr, $table:expr, $rows:expr) => {{
        let connection: &mut $crate::storage::connection::DbConnection = $connection;
        $rows.chunks($crate::storage::dialect::ROWS_OF_ONE_INSERT).try_fold(0_usize, |inserted, chunk| {
            $crate::storage::dialect::on_either!(&mut *connection, |c| diesel::RunQueryDsl::execute(
                diesel::insert_into($table).values(chunk),
                c
            ))
            .map(|count| inserted + count)
        })
    }};
}

pub(in crate::storage) use {insert_all, on_either};

/// PostgreSQL takes at most 65,535 values in one statement, SQLite 32,766; our widest table has 32 columns.
pub(in crate::storage) const ROWS_OF_ONE_INSERT: usize = 500;

#[cfg(test)]
mod tests {
    use super::ROWS_OF_ONE_INSERT;
    use crate::storage::DbConnection;
    use diesel::prelude::*;
    use tempfile::TempDir;

    diesel::table! {
        figures (day) {
            day -> BigInt,
            n -> BigInt,
        }
    }

    #[derive(Insertable)]
    struct Figure {
        day: i64,
        n: i64,
    }

    #[test]
    fn many_rows_are_inserted_and_added_to() {
        let folder = TempDir::new().unwrap();
        let sqlite = SqliteConnection::establish(folder.path().join("figures.db").to_str().unwrap()).unwrap();
        let connection = &mut DbConnection::Sqlite(sqlite);
        diesel::sql_query("CREATE TABLE figures (day BIGINT PRIMARY KEY, n BIGINT NOT NULL)").execute(connection).unwrap();
        let rows: Vec<Figure> = (0..1201).map(|day| Figure { day, n: 1 }).collect();
        assert!(rows.len() > 2 * ROWS_OF_ONE_INSERT);
        assert_eq!(insert_all!(connection, figures::table, rows), Ok(1201));

        let added = on_either!(connection, |c| diesel::insert_into(figures::table)
            .values(&Figure { day: 7, n: 5 })
            .on_conflict(figures::day)
            .do_update()
            .set(figures::n.eq(figures::n + diesel::upsert::excluded(figures::n)))
            .execute(c));
        assert_eq!(added, Ok(1));
        let n: i64 = figures::table.find(7).select(figures::n).first(connection).unwrap();
        assert_eq!(n, 6);
    }
}
