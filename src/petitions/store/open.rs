//! How many petitions are open at this moment, by the level of who has them. Costs in proportion to what is open.

use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

/// The open petitions of one level.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct OpenPetitions {
    /// `province`, `district`, `commune`; `none` at the desk of the coordinator.
    #[diesel(sql_type = Text)]
    pub level: String,
    /// All of them.
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    /// Those whose deadline has passed.
    #[diesel(sql_type = BigInt)]
    pub overdue: i64,
    /// Those that wait for their petitioner.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
}

/// Both halves have an index of their own; the words are those of the second one's condition.
const OPEN: &str = "SELECT coalesce(agencies.level, 'none') AS level, COUNT(*) AS open, \
     SUM(CASE WHEN due_at < $1 THEN 1 ELSE 0 END) AS overdue, \
     SUM(CASE WHEN status = 'waiting_for_petitioner' THEN 1 ELSE 0 END) AS waiting FROM ( \
     SELECT agency_id, due_at, status FROM petitions WHERE settled_at IS NULL AND status IN \
     ('received', 'assigned', 'in_progress', 'waiting_for_petitioner', 'awaiting_approval') UNION ALL \
     SELECT agency_id, due_at, status FROM petitions WHERE settled_at IS NOT NULL AND status IN \
     ('received', 'assigned', 'in_progress', 'waiting_for_petitioner', 'awaiting_approval')) AS current \
     LEFT JOIN agencies ON agencies.id = current.agency_id GROUP BY coalesce(agencies.level, 'none') ORDER BY 1";

/// Counts them.
pub fn open(connection: &mut DbConnection, now: Instant) -> Result<Vec<OpenPetitions>, StorageError> {
    Ok(diesel::sql_query(OPEN).bind::<Timestamp, _>(now).load(connection)?)
}
