//! A mark of the timelines: what is kept of answers is good for as long as it stays the same.

use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct TimelineVersion {
    #[diesel(sql_type = Text)]
    mark: String,
}

/// Stays the same for as long as no step is stored, whoever stores one.
pub fn timeline_version(connection: &mut DbConnection) -> Result<String, StorageError> {
    let statement = match connection {
        DbConnection::Sqlite(_) => "SELECT CAST(COALESCE(MAX(id), 0) AS TEXT) AS mark FROM timeline",
        // A step that is on its way may get its number before another one and be seen after it.
        DbConnection::Postgres(_) => {
            "SELECT COALESCE(MAX(id), 0) || ' ' || \
             array_to_string(ARRAY(SELECT pg_snapshot_xip(pg_current_snapshot())), ',') AS mark FROM timeline"
        }
    };
    let found: TimelineVersion = diesel::sql_query(statement).get_result(connection)?;
    Ok(found.mark)
}
