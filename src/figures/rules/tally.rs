//! The tally of one result cell, and the share of one petition in it.
//!
//! Tallies are filled from rollup rows or petition by petition; both give the same numbers.

use crate::figures::rules::{Counters, PetitionFacts, ProcessingTimes, ReplayStep, contribution, deltas};
use crate::kernel::Instant;
use crate::kernel::ids::AgencyId;
use std::collections::BTreeMap;

/// Everything from which the measures are computed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Petitions received in the period: their current state and their flows since then.
    pub period: Counters,
    /// Received before the period: open when it began.
    pub open_before: i64,
    /// Received before the period: the flows from its beginning to the cut-off.
    pub carried: Counters,
    /// Received before the period: open at the cut-off.
    pub open_after: i64,
    /// Of the backlog: due before the cut-off.
    pub overdue: i64,
    /// Processing times of handled petitions; stored only when a measure needs each of them.
    pub times: ProcessingTimes,
}

impl std::ops::AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.period += other.period;
        self.open_before += other.open_before;
        self.carried += other.carried;
        self.open_after += other.open_after;
        self.overdue += other.overdue;
        self.times += &other.times;
    }
}

/// The shares of one petition, by agency.
pub type AgencyShares = BTreeMap<AgencyId, Tally>;

/// Returns the share of a petition received in the period, from its facts at the cut-off.
#[must_use]
pub fn share_of_facts(facts: &PetitionFacts, as_of: Instant) -> Tally {
    let period = contribution(facts);
    let overdue = i64::from(facts.is_unanswered() && facts.due_at < as_of);
    let times = if period.handled == 1 { ProcessingTimes::one(period.processing_ms) } else { ProcessingTimes::default() };
    Tally { period, overdue, times, ..Tally::default() }
}

/// Returns the shares of a petition received in the period, including transfers.
#[must_use]
pub fn shares_in_period(steps: impl Iterator<Item = ReplayStep>, as_of: Instant) -> AgencyShares {
    let mut shares = AgencyShares::new();
    let mut present = None;
    for step in steps.take_while(|step| step.at <= as_of) {
        for (agency, change) in deltas(step.before.as_ref(), &step.after) {
            shares.entry(agency).or_default().period += change.flows();
        }
        present = Some(step.after);
    }
    if let Some(facts) = present {
        *shares.entry(facts.holder()).or_default() += &share_of_facts(&facts, as_of);
    }
    shares
}

/// Returns the shares of a petition received before the period.
#[must_use]
pub fn shares_of_carried(steps: impl Iterator<Item = ReplayStep>, begin: Instant, as_of: Instant) -> AgencyShares {
    let mut shares = AgencyShares::new();
    let (mut at_begin, mut present) = (None, None);
    for step in steps.take_while(|step| step.at <= as_of) {
        if step.at < begin {
            at_begin = Some(step.after.clone());
        } else {
            for (agency, change) in deltas(step.before.as_ref(), &step.after) {
                shares.entry(agency).or_default().carried += change.flows();
            }
        }
        present = Some(step.after);
    }
    if let Some(facts) = at_begin.filter(|facts| facts.status.is_open()) {
        shares.entry(facts.holder()).or_default().open_before += 1;
    }
    if let Some(facts) = present.filter(|facts| facts.status.is_open()) {
        shares.entry(facts.holder()).or_default().open_after += 1;
    }
    shares
}
