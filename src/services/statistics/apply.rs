//! Keeps the rolled-up figures in step with the petitions.
//!
//! Called by `services::petitions::record` in the transaction of the event, once for each entry of the timeline; nobody
//! else changes a figure.

use super::plan::month_of;
use crate::domain::Instant;
use crate::domain::ids::AgencyId;
use crate::domain::statistics::{Facts, deltas};
use crate::storage::statistics::{DayKey, add};
use crate::storage::{DbConnection, StorageError};

/// Counts one event: `before` are the facts before it (none for the filing), `after` those after it.
///
/// # Errors
/// Only those of the database.
pub fn apply(connection: &mut DbConnection, before: Option<&Facts>, after: &Facts, at: Instant) -> Result<(), StorageError> {
    for (agency_id, counters) in deltas(before, after) {
        add(connection, &key_of(agency_id, after, at), &counters)?;
    }
    Ok(())
}

/// The rows to which an event at an agency adds.
pub(super) fn key_of(agency_id: AgencyId, facts: &Facts, at: Instant) -> DayKey {
    DayKey {
        agency_id,
        event_on: at.local_date(),
        received_in: month_of(facts.received_at.local_date()),
        category_id: facts.category_id,
        channel: facts.channel,
        petitioner_kind: facts.petitioner_kind,
        urgency: facts.urgency,
    }
}
