//! The facts of a petition rebuilt from its timeline, entry by entry.
//!
//! Used for every question about the past and by the recount. Rules: the answer is the `approve` or `submit` entry after
//! which the petition is answered; a reopening is the `grant_reopening` entry; the rating in force is the latest one.

use crate::directory::rules::deadline::Urgency;
use crate::figures::rules::PetitionFacts;
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, AreaId, CategoryId};
use crate::petitions::rules::{Action, Channel, PetitionerKind, Status, Timeliness};

/// What a petition is from the first moment and stays for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilingFacts {
    /// When it was filed.
    pub received_at: Instant,
    /// Its category.
    pub category_id: CategoryId,
    /// The commune of the case.
    pub area_id: AreaId,
    /// How it came in.
    pub channel: Channel,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    /// How urgent it is.
    pub urgency: Urgency,
}

/// One entry of the timeline, with what it says about the petition after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayEntry {
    /// When it happened.
    pub at: Instant,
    /// What was done.
    pub action: Action,
    /// The state after it.
    pub status: Status,
    /// The holder after it.
    pub agency_id: Option<AgencyId>,
    /// The deadline after it.
    pub due_at: Instant,
    /// The rating that it gave, if it is one.
    pub score: Option<i32>,
}

/// One event: the facts before it (none for the filing), after it, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayStep {
    /// When it happened.
    pub at: Instant,
    /// The facts before.
    pub before: Option<PetitionFacts>,
    /// The facts after.
    pub after: PetitionFacts,
}

/// Walks along the entries of one petition in the order of their sequence.
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
