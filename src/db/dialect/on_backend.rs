//! Runs statements on the concrete connection instead of the multi-backend one.
//!
//! Diesel's `MultiConnection` generates the SQL text twice per run, even for a prepared statement, which is a
//! tenth of the work of a filing. So the few statements on the path of each filing select the backend themselves;
//! everything else does not.

/// Runs the same expression on the concrete connection of either backend.
///
/// ```text
/// on_backend!(connection, either => statement.execute(either))
/// ```
macro_rules! on_backend {
    ($connection:expr, $either:ident => $run:expr) => {
        match $connection {
            $crate::db::DbConnection::Sqlite($either) => $run,
            $crate::db::DbConnection::Postgres($either) => $run,
        }
    };
}

pub(crate) use on_backend;
