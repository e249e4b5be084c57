//! What an event changes in the figures, and on which day.
//!
//! Takes the facts before and after an event; returns [`FigureDelta`]s. Every change counts on the day of the event,
//! except `overdue`, which counts on the day the deadline passes. No event happens on that day, so the change is
//! written in advance and reversed when an answer comes first or the deadline moves.

use crate::figures::rules::{Counters, PetitionFacts, deltas};
use crate::kernel::Instant;
use crate::kernel::ids::AgencyId;
use chrono::{Duration, NaiveDate};
use std::collections::BTreeMap;

/// The change of one event at one agency on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureDelta {
    /// The agency; `COORDINATION` for the coordinator's desk.
    pub agency_id: AgencyId,
    /// The day (Vietnamese time) on which it counts: that of the event, or a later one on which a deadline passes.
    pub event_on: NaiveDate,
    pub counters: Counters,
}

/// Returns the non-empty changes of an event.
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

/// The agency and day at which an unanswered petition becomes overdue: the day of the first instant after the
/// deadline.
fn deadline_passes(facts: &PetitionFacts) -> Option<(AgencyId, NaiveDate)> {
    let first = facts.due_at.plus(Duration::microseconds(1));
    facts.is_unanswered().then(|| (facts.holder(), first.local_date()))
}
