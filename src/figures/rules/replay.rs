//! Rebuilds the facts of a petition from its timeline, entry by entry.
//!
//! Used for queries about the past and by the recount. An answer is the `approve` or `submit` entry after which the
//! petition is answered; a reopening is the `grant_reopening` entry; the latest rating is the one in force.

use crate::directory::rules::deadline::Urgency;
use crate::figures::rules::PetitionFacts;
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, AreaId, CategoryId};
use crate::petitions::rules::{Action, Channel, PetitionerKind, Status, Timeliness};

/// The facts set at filing, which never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilingFacts {
    pub received_at: Instant,
    pub category_id: CategoryId,
    /// The commune of the case.
    pub area_id: AreaId,
    pub channel: Channel,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    pub urgency: Urgency,
}

/// One timeline entry with the petition's state after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayEntry {
    pub at: Instant,
    pub action: Action,
    /// The status after it.
    pub status: Status,
    /// The holder after it.
    pub agency_id: Option<AgencyId>,
    /// The deadline after it.
    pub due_at: Instant,
    /// The rating, if this entry is one.
    pub score: Option<i32>,
}

/// One event: facts before it (`None` for the filing), facts after it, and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayStep {
    pub at: Instant,
    pub before: Option<PetitionFacts>,
    pub after: PetitionFacts,
}

/// Iterates over the entries of one petition in sequence order.
#[derive(Debug, Clone)]
pub struct Replay<'a> {
    origin: FilingFacts,
    entries: std::slice::Iter<'a, ReplayEntry>,
    facts: Option<PetitionFacts>,
}

impl<'a> Replay<'a> {
    /// Starts before the first entry.
    #[must_use]
    pub fn new(origin: FilingFacts, entries: &'a [ReplayEntry]) -> Self {
        Self { origin, entries: entries.iter(), facts: None }
    }
}

impl Iterator for Replay<'_> {
    type Item = ReplayStep;

    fn next(&mut self) -> Option<ReplayStep> {
        let entry = self.entries.next()?;
        let before = self.facts.take();
        let after = after(&self.origin, before.as_ref(), entry);
        self.facts = Some(after.clone());
        Some(ReplayStep { at: entry.at, before, after })
    }
}

fn after(origin: &FilingFacts, before: Option<&PetitionFacts>, entry: &ReplayEntry) -> PetitionFacts {
    let mut facts = PetitionFacts {
        agency_id: entry.agency_id,
        status: entry.status,
        received_at: origin.received_at,
        category_id: origin.category_id,
        area_id: origin.area_id,
        channel: origin.channel,
        petitioner_kind: origin.petitioner_kind,
        urgency: origin.urgency,
        due_at: entry.due_at,
        first_answered_at: before.and_then(|facts| facts.first_answered_at),
        timeliness: before.and_then(|facts| facts.timeliness),
        score: entry.score.or_else(|| before.and_then(|facts| facts.score)),
        answer_count: before.map_or(0, |facts| facts.answer_count),
        reopening_count: before.map_or(0, |facts| facts.reopening_count),
    };
    let is_answer = matches!(entry.action, Action::Approve | Action::Submit) && entry.status == Status::Answered;
    if is_answer {
        facts.answer_count += 1;
        if facts.first_answered_at.is_none() {
            facts.first_answered_at = Some(entry.at);
            facts.timeliness = Some(Timeliness::of(entry.at, entry.due_at));
        }
    }
    if entry.action == Action::GrantReopening {
        facts.reopening_count += 1;
    }
    facts
}
