//! Walks along petitions page by page and brings their timelines where the present facts are not those of the cut-off.

use crate::db::{DbConnection, StorageError};
use crate::figures::rules::ReplayEntry;
use crate::figures::store::{Cohort, CohortMember, entries, page};
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;

/// A petition on the way.
#[derive(Debug, Clone, Copy)]
pub(super) enum PetitionAtCutOff<'a> {
    /// Nothing has happened to it since the cut-off: its present facts are those of the cut-off.
    Present(&'a CohortMember),
    /// It comes with its whole timeline.
    Past(&'a CohortMember, &'a [ReplayEntry]),
}

impl<'a> PetitionAtCutOff<'a> {
    /// The petition.
    pub const fn subject(self) -> &'a CohortMember {
        match self {
            Self::Present(subject) | Self::Past(subject, _) => subject,
        }
    }
}

/// Whose timelines are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimelineScope {
    /// Everybody's.
    All,
    /// Of those who have changed after the cut-off.
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

/// Visits every petition of a cohort, some at a time, with the connection free for other work.
///
/// # Errors
/// Those of the visits and of the database.
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
