//! Keeps the figures in step with the petitions.
//!
//! Called by `petitions::record` in the transaction of the event, once for each entry of the timeline; nobody
//! else changes a figure. The changes stand by themselves until [`super::roll_up()`] adds them to the kept sums.

use crate::db::{DbConnection, StorageError};
use crate::figures::rules::{FigureDelta, Grain, PetitionFacts, changes};
use crate::figures::store::ChangeRow;
use crate::kernel::Instant;

/// Counts one event: `before` are the facts before it (none for the filing), `after` those after it.
pub fn apply(
    connection: &mut DbConnection,
    before: Option<&PetitionFacts>,
    after: &PetitionFacts,
    at: Instant,
) -> Result<(), StorageError> {
    for row in rows(before, after, at) {
        crate::figures::store::changes::append(connection, &row)?;
    }
    Ok(())
}

/// What an event writes down.
pub fn rows(before: Option<&PetitionFacts>, after: &PetitionFacts, at: Instant) -> impl Iterator<Item = ChangeRow> {
    let (traits, received_in) = (after.traits(), Grain::Month.of_receipt(after.received_at.local_date()));
    changes(before, after, at).into_iter().map(move |FigureDelta { agency_id, event_on, counters }| ChangeRow {
        event_on,
        received_in,
        agency_id,
        traits,
        counters,
    })
}
