//! Ending a statement that may visit many rows: SQLite asks with each row, PostgreSQL is told to cancel over another connection.

/// The statement with the question of [`each_row`](crate::db::query_deadline::each_row) on SQLite, as it is on PostgreSQL.
macro_rules! interruptible {
    ($connection:expr, $query:expr, $column:literal) => {
        match $connection {
            $crate::db::DbConnection::Sqlite(_) => $query.filter($crate::db::query_deadline::each_row($column)),
            $crate::db::DbConnection::Postgres(_) => $query,
        }
    };
}

pub(crate) use interruptible;
