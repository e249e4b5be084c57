//! Updates the figures at each petition event.
//!
//! Called by `petitions::record` in the transaction of the event, once per timeline entry; nothing else changes
//! figures. The changes are stored as separate rows until [`super::roll_up()`] adds them to the sums.

use crate::db::{DbConnection, StorageError};
use crate::figures::rules::{FigureDelta, Grain, PetitionFacts, changes};
use crate::figures::store::ChangeRow;
use crate::kernel::Instant;

/// Stores the changes of one event: `before` are the facts before it (`None` for the filing), `after` those after it.
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

/// Returns the change rows of an event.
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
