//! Statements that are handed to the database behind the connection instead of to the connection for either.
//!
//! Diesel's connection for several databases writes the text of a statement twice at each run, even of a prepared one, which is
//! a tenth of the work of a filing. So the few statements that each filing waits for choose the database themselves; they are
//! compiled for both, and everything else does without.

/// Runs the same expression on the connection of either database.
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
