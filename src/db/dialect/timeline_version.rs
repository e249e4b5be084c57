//! A version of all timelines, which cached responses are checked against.

use crate::db::{DbConnection, StorageError};
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct TimelineVersion {
    #[diesel(sql_type = Text)]
    mark: String,
}

/// Returns a text that stays the same until someone stores a timeline entry.
pub fn timeline_version(connection: &mut DbConnection) -> Result<String, StorageError> {
    let statement = match connection {
        DbConnection::Sqlite(_) => "SELECT CAST(COALESCE(MAX(id), 0) AS TEXT) AS mark FROM timeline",
        // An uncommitted entry may have a lower id than a visible one, so the ids of open transactions are
        // part of the version.
        DbConnection::Postgres(_) => {
            "SELECT COALESCE(MAX(id), 0) || ' ' || \
             array_to_string(ARRAY(SELECT pg_snapshot_xip(pg_current_snapshot())), ',') AS mark FROM timeline"
        }
    };
    let found: TimelineVersion = diesel::sql_query(statement).get_result(connection)?;
    Ok(found.mark)
}
