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
