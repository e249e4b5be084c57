//! The facts of a petition at one instant, and how they are counted.
//!
//! A petition counts at the agency that holds it. Refused, withdrawn and duplicate petitions are counted separately,
//! never in `received`. An event replaces the counts of the facts before it with those of the facts after it. Called by
//! `figures::statistics`.

use crate::directory::rules::deadline::Urgency;
use crate::figures::rules::{COORDINATION, Counters, PetitionTraits};
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, AreaId, CategoryId};
use crate::petitions::rules::{Channel, PetitionerKind, Status, Timeliness};

/// What the figures need to know about a petition at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PetitionFacts {
    /// The holder; `None` on the coordinator's desk.
    pub agency_id: Option<AgencyId>,
    pub status: Status,
    pub received_at: Instant,
    pub category_id: CategoryId,
    /// The commune of the case.
    pub area_id: AreaId,
    pub channel: Channel,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    pub urgency: Urgency,
    /// The deadline currently in force.
    pub due_at: Instant,
    /// When the first answer was sent.
    pub first_answered_at: Option<Instant>,
    pub timeliness: Option<Timeliness>,
    /// The latest rating, 1–5.
    pub score: Option<i32>,
    /// Number of answers sent.
    pub answer_count: i32,
    /// Number of reopenings.
    pub reopening_count: i32,
}

impl PetitionFacts {
    /// Returns the holder as used in the figures: [`COORDINATION`] for the coordinator's desk.
    #[must_use]
    pub fn holder(&self) -> AgencyId {
        self.agency_id.unwrap_or(COORDINATION)
    }

    /// Returns the dimension values.
    #[must_use]
    pub const fn traits(&self) -> PetitionTraits {
        PetitionTraits {
            category_id: self.category_id,
            channel: self.channel,
            petitioner_kind: self.petitioner_kind,
            urgency: self.urgency,
            area_id: self.area_id,
        }
    }

    /// Returns whether it is valid and was never answered, so part of the backlog.
    #[must_use]
    pub const fn is_unanswered(&self) -> bool {
        self.status.is_valid() && self.first_answered_at.is_none()
    }
}

/// Returns the counts of a petition with these facts, at its holder.
#[must_use]
pub fn contribution(facts: &PetitionFacts) -> Counters {
    let mut counters = Counters::default();
    match facts.status {
        Status::Refused => counters.refused = 1,
        Status::Withdrawn => counters.withdrawn = 1,
        Status::Duplicate => counters.duplicates = 1,
        _ => {
            counters.received = 1;
            counters.open = i64::from(facts.status.is_open());
            counters.answers = i64::from(facts.answer_count);
            counters.reopenings = i64::from(facts.reopening_count);
            if let Some(answered_at) = facts.first_answered_at {
                count_answer(&mut counters, facts, answered_at);
            }
        }
    }
    counters
}

fn count_answer(counters: &mut Counters, facts: &PetitionFacts, answered_at: Instant) {
    counters.handled = 1;
    counters.processing_ms = answered_at.millis_since(facts.received_at);
    match facts.timeliness {
        Some(Timeliness::Early) => counters.handled_early = 1,
        Some(Timeliness::OnTime) => counters.handled_on_time = 1,
        Some(Timeliness::Late) => counters.handled_late = 1,
        None => {}
    }
    match facts.score {
        Some(1) => counters.rated_1 = 1,
        Some(2) => counters.rated_2 = 1,
        Some(3) => counters.rated_3 = 1,
        Some(4) => counters.rated_4 = 1,
        Some(5) => counters.rated_5 = 1,
        _ => {}
    }
}

/// Returns how an event changes the counts of each affected agency, by ascending ID, without empty changes; at most
/// two.
///
/// For every agency, the change of `open` equals `received` of a newly filed petition plus `flow_in + flow_reopened
/// − flow_answered − flow_out − flow_settled`: that is the carry-over identity of one event.
#[must_use]
pub fn deltas(before: Option<&PetitionFacts>, after: &PetitionFacts) -> Vec<(AgencyId, Counters)> {
    let mut here = contribution(after);
    let Some(before) = before else { return vec![(after.holder(), here)] };
    let mut there = Counters::default();
    there -= contribution(before);
    count_flows(before, after, &mut there, &mut here);
    let mut touched = if before.holder() == after.holder() {
        here += there;
        vec![(after.holder(), here)]
    } else {
        vec![(before.holder(), there), (after.holder(), here)]
    };
    touched.retain(|(_, counters)| !counters.is_zero());
    touched.sort_by_key(|(agency, _)| *agency);
    touched
}

fn count_flows(before: &PetitionFacts, after: &PetitionFacts, there: &mut Counters, here: &mut Counters) {
    match (before.status.is_open(), after.status.is_open()) {
        (true, false) if !after.status.is_valid() => there.flow_settled = 1,
        (false, true) => here.flow_reopened = 1,
        (false, false) => {}
        (true, is_open) => {
            if before.holder() != after.holder() {
                there.flow_out = 1;
                here.flow_in = 1;
            }
            here.flow_answered = i64::from(!is_open);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, NaiveDate};

    fn facts(status: Status) -> PetitionFacts {
        let received_at = Instant::start_of(NaiveDate::from_ymd_opt(2023, 3, 1).unwrap());
        PetitionFacts {
            agency_id: Some(AgencyId(7)),
            status,
            received_at,
            category_id: CategoryId(3),
            area_id: AreaId(5),
            channel: Channel::Mobile,
            petitioner_kind: PetitionerKind::Citizen,
            urgency: Urgency::Normal,
            due_at: received_at.plus(Duration::days(5)),
            first_answered_at: None,
            timeliness: None,
            score: None,
            answer_count: 0,
            reopening_count: 0,
        }
    }

    fn answered() -> PetitionFacts {
        let mut after = facts(Status::Answered);
        after.first_answered_at = Some(after.received_at.plus(Duration::days(2)));
        after.timeliness = Some(Timeliness::Early);
        after.answer_count = 1;
        after
    }

    #[test]
    fn a_transfer_moves_the_whole_count() {
        let before = facts(Status::Assigned);
        let after = PetitionFacts { agency_id: Some(AgencyId(2)), ..before.clone() };
        let deltas = deltas(Some(&before), &after);
        assert_eq!(deltas.iter().map(|(agency, _)| agency.0).collect::<Vec<_>>(), vec![2, 7]);
        assert_eq!((deltas[0].1.received, deltas[0].1.flow_in, deltas[0].1.open), (1, 1, 1));
        assert_eq!((deltas[1].1.received, deltas[1].1.flow_out, deltas[1].1.open), (-1, 1, -1));
    }

    #[test]
    fn a_refused_petition_leaves_received() {
        let deltas = deltas(Some(&facts(Status::Assigned)), &facts(Status::Refused));
        let counters = deltas[0].1;
        assert_eq!((counters.received, counters.refused, counters.open, counters.flow_settled), (-1, 1, -1, 1));
    }

    #[test]
    fn an_answer_is_handled_once_however_often_it_is_given() {
        let first = answered();
        let mut reopened = first.clone();
        reopened.status = Status::InProgress;
        reopened.reopening_count = 1;
        let mut second = reopened.clone();
        second.status = Status::Answered;
        second.answer_count = 2;
        let counters = deltas(Some(&reopened), &second)[0].1;
        assert_eq!((counters.handled, counters.answers, counters.flow_answered, counters.open), (0, 1, 1, -1));
        let counters = deltas(Some(&first), &reopened)[0].1;
        assert_eq!((counters.handled, counters.reopenings, counters.flow_reopened, counters.open), (0, 1, 1, 1));
    }

    #[test]
    fn a_step_that_counts_for_nothing_touches_no_row() {
        assert!(deltas(Some(&facts(Status::Assigned)), &facts(Status::InProgress)).is_empty());
    }
}
