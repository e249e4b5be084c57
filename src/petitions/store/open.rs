//! Counts open petitions by agency level. The cost grows with the number of open petitions, not of all.

use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

/// Counts of open petitions at one level.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct OpenPetitions {
    /// `province`, `district`, `commune`; `none` for the coordinator's desk.
    #[diesel(sql_type = Text)]
    pub level: String,
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    /// Open petitions past their deadline.
    #[diesel(sql_type = BigInt)]
    pub overdue: i64,
    /// Open petitions waiting for their petitioner.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
}

/// Each half of the condition has its own index; the second repeats the text of that index's condition, so that it is
/// used.
const OPEN: &str = "SELECT coalesce(agencies.level, 'none') AS level, COUNT(*) AS open, \
     SUM(CASE WHEN due_at < $1 THEN 1 ELSE 0 END) AS overdue, \
     SUM(CASE WHEN status = 'waiting_for_petitioner' THEN 1 ELSE 0 END) AS waiting FROM ( \
     SELECT agency_id, due_at, status FROM petitions WHERE settled_at IS NULL AND status IN \
     ('received', 'assigned', 'in_progress', 'waiting_for_petitioner', 'awaiting_approval') UNION ALL \
     SELECT agency_id, due_at, status FROM petitions WHERE settled_at IS NOT NULL AND status IN \
     ('received', 'assigned', 'in_progress', 'waiting_for_petitioner', 'awaiting_approval')) AS current \
     LEFT JOIN agencies ON agencies.id = current.agency_id GROUP BY coalesce(agencies.level, 'none') ORDER BY 1";

/// Returns the counts.
pub fn open(connection: &mut DbConnection, now: Instant) -> Result<Vec<OpenPetitions>, StorageError> {
    Ok(diesel::sql_query(OPEN).bind::<Timestamp, _>(now).load(connection)?)
}
