//! Keeps the rolled-up figures in step with the petitions.
//!
//! Called by `services::petitions::record` in the transaction of the event, once for each entry of the timeline; nobody
//! else changes a figure.

use super::plan::month_of;
use crate::domain::Instant;
use crate::domain::statistics::{Facts, deltas};
use crate::storage::statistics::{DayKey, add};
use crate::storage::{DbConnection, StorageError};

/// Counts one event: `before` are the facts before it (none for the filing), `after` those after it.
///
/// # Errors
/// Only those of the database.
pub fn apply(connection: &mut DbConnection, before: Option<&Facts>, after: &Facts, at: Instant) -> Result<(), StorageError> {
    for (agency_id, counters) in deltas(before, after) {
        let key = DayKey {
            agency_id,
            event_on: at.local_date(),
            received_in: month_of(after.received_at.local_date()),
            category_id: after.category_id,
            channel: after.channel,
            petitioner_kind: after.petitioner_kind,
            urgency: after.urgency,
        };
        add(connection, &key, &counters)?;
    }
    Ok(())
}
