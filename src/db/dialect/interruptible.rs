//! Makes statements over many rows cancellable: SQLite checks on each row, PostgreSQL gets a cancel request over
//! another connection.

/// Adds the check of [`each_row`](crate::db::query_deadline::each_row) on SQLite; leaves the query unchanged on
/// PostgreSQL.
macro_rules! interruptible {
    ($connection:expr, $query:expr, $column:literal) => {
        match $connection {
            $crate::db::DbConnection::Sqlite(_) => $query.filter($crate::db::query_deadline::each_row($column)),
            $crate::db::DbConnection::Postgres(_) => $query,
        }
    };
}

pub(crate) use interruptible;
