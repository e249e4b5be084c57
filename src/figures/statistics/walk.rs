//! Iterates over petitions page by page and loads timelines where the current facts are not those at the cut-off.

use crate::db::{DbConnection, StorageError};
use crate::figures::rules::ReplayEntry;
use crate::figures::store::{Cohort, CohortMember, entries, page};
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;

/// A petition as seen at the cut-off.
#[derive(Debug, Clone, Copy)]
pub(super) enum PetitionAtCutOff<'a> {
    /// Unchanged since the cut-off: its current facts are valid.
    Present(&'a CohortMember),
    /// With its complete timeline.
    Past(&'a CohortMember, &'a [ReplayEntry]),
}

impl<'a> PetitionAtCutOff<'a> {
    /// Returns the petition.
    pub const fn subject(self) -> &'a CohortMember {
        match self {
            Self::Present(subject) | Self::Past(subject, _) => subject,
        }
    }
}

/// For which petitions timelines are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimelineScope {
    All,
    /// Petitions changed after the cut-off.
    ChangedAfter(Instant),
}

/// Visits every petition of a cohort.
pub(super) fn walk(
    connection: &mut DbConnection,
    cohort: &Cohort,
    timelines: TimelineScope,
    mut visit: impl FnMut(PetitionAtCutOff<'_>),
) -> Result<(), StorageError> {
    walk_pages(connection, cohort, timelines, |_, looks| {
        looks.iter().for_each(|look| visit(*look));
        Ok(())
    })
}

/// Visits every petition of a cohort page by page; the callback may use the connection.
///
/// # Errors
/// Those of the callback and of the database.
pub(super) fn walk_pages(
    connection: &mut DbConnection,
    cohort: &Cohort,
    timelines: TimelineScope,
    mut visit: impl FnMut(&mut DbConnection, &[PetitionAtCutOff<'_>]) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let mut after = None;
    loop {
        let subjects = page(connection, cohort, after)?;
        let Some(last) = subjects.last() else { return Ok(()) };
        after = Some((last.received_on, last.id));
        let is_past = |subject: &CohortMember| match timelines {
            TimelineScope::All => true,
            TimelineScope::ChangedAfter(instant) => subject.changed_at > instant,
        };
        let past: Vec<PetitionId> = subjects.iter().filter(|subject| is_past(subject)).map(|subject| subject.id).collect();
        let entries = if past.is_empty() { Default::default() } else { entries(connection, &past)? };
        let looks: Vec<PetitionAtCutOff<'_>> = subjects
            .iter()
            .map(|subject| {
                entries
                    .get(&subject.id)
                    .map_or(PetitionAtCutOff::Present(subject), |entries| PetitionAtCutOff::Past(subject, entries))
            })
            .collect();
        visit(connection, &looks)?;
    }
}
