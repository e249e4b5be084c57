//! What an event changes in the figures, and on which day the change shows.
//!
//! Enters an event as the facts before and after it, leave [`FigureDelta`]s. Rule: everything shows on the day of the event but
//! `overdue`, which shows on the day on which the deadline passes: that day comes without an event, so that it is written ahead
//! and taken back when an answer comes first or the deadline moves.

use crate::figures::rules::{Counters, PetitionFacts, deltas};
use crate::kernel::Instant;
use crate::kernel::ids::AgencyId;
use chrono::{Duration, NaiveDate};
use std::collections::BTreeMap;

/// What one event changes at one agency on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureDelta {
    /// The agency; `COORDINATION` for the coordinator's desk.
    pub agency_id: AgencyId,
    /// The Vietnamese day on which it shows: that of the event, or a later one on which a deadline passes.
    pub event_on: NaiveDate,
    /// By how much.
    pub counters: Counters,
}

/// What an event changes; none of the changes is empty.
#[must_use]
pub fn changes(before: Option<&PetitionFacts>, after: &PetitionFacts, at: Instant) -> Vec<FigureDelta> {
    let today = at.local_date();
    let mut by_day: BTreeMap<(AgencyId, NaiveDate), Counters> = BTreeMap::new();
    for (agency_id, counters) in deltas(before, after) {
        *by_day.entry((agency_id, today)).or_default() += counters;
    }
    let (was, is) = (before.and_then(deadline_passes), deadline_passes(after));
    if was != is {
        if let Some((agency_id, on)) = was {
            by_day.entry((agency_id, on.max(today))).or_default().overdue -= 1;
        }
        if let Some((agency_id, on)) = is {
            by_day.entry((agency_id, on.max(today))).or_default().overdue += 1;
        }
    }
    let told = by_day.into_iter().filter(|(_, counters)| !counters.is_zero());
    told.map(|((agency_id, event_on), counters)| FigureDelta { agency_id, event_on, counters }).collect()
}

/// Where and on which day an unanswered petition becomes overdue: that of the first instant after the deadline.
fn deadline_passes(facts: &PetitionFacts) -> Option<(AgencyId, NaiveDate)> {
    let first = facts.due_at.plus(Duration::microseconds(1));
    facts.is_unanswered().then(|| (facts.holder(), first.local_date()))
}
