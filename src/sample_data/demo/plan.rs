//! The plan of the demo year: every petition with all its steps, drawn before anything is stored.
//!
//! Built from the directory of 2023. Rule: the petitions of each district add up to its published figures;
//! refused, withdrawn and duplicate petitions are added to them.

use super::actions::{DemoAction, Filer, PlannedOutcome, PlannedPetition};
use super::cases::{CaseRequest, DemoCase, DemoCases};
use super::course::{DemoCourse, Detour};
use super::hours::{Hours, at, day};
use super::people;
use super::seeded_random::SeededRandom;
use super::spans;
use super::targets::{self, DistrictTarget};
use super::uncounted;
use crate::db::service_error::ServiceError;
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::petitions::rules::Channel;
use std::collections::BTreeMap;

/// Seed of all random decisions.
const SEED: u64 = 2023;

/// How many courses take each detour.
const DETOURS: &[(Detour, usize)] = &[
    (Detour::Question, 90),
    (Detour::Transfer, 44),
    (Detour::SentAround, 12),
    (Detour::Extension, 26),
    (Detour::ExtensionDenied, 8),
    (Detour::SentBack, 34),
    (Detour::Reopened, 10),
    (Detour::ReopeningDenied, 5),
    (Detour::Note, 24),
];

/// One in this many citizens' petitions is filed by the demo's citizen account.
const OWN_CITIZEN: i64 = 90;
/// One in this many businesses' petitions is filed by the demo's business account.
const OWN_BUSINESS: i64 = 7;

/// The plan of the whole year.
#[derive(Debug, Clone)]
pub struct DemoPlan {
    /// The petitions, in any order.
    pub petitions: Vec<PlannedPetition>,
}

/// A petition without its subject yet.
#[derive(Debug, Clone, Copy)]
struct PlanSlot<'t> {
    target: &'t DistrictTarget,
    received: Instant,
    answered: Option<Instant>,
    is_business: bool,
    score: Option<i32>,
    detour: Detour,
}

/// Sources from which petitions are drawn.
pub(super) struct PlanContext<'d> {
    pub directory: &'d Directory,
    pub hours: Hours<'d>,
    pub cases: DemoCases<'d>,
}

impl DemoPlan {
    /// Draws the year.
    ///
    /// # Errors
    /// When the directory is not that of 2023.
    pub fn draw(directory: &Directory) -> Result<Self, ServiceError> {
        let dice = SeededRandom::new(SEED);
        let hours = Hours { calendar: directory.calendar(), dice: &dice };
        let table = PlanContext { directory, hours, cases: DemoCases::new(directory, &dice)? };
        let targets = targets::read()?;
        let mut slots: Vec<PlanSlot<'_>> = targets.iter().flat_map(|target| slots(&hours, target)).collect();
        give_detours(&hours, &mut slots);
        let mut petitions = slots.iter().map(|slot| planned(&table, slot)).collect::<Result<Vec<_>, _>>()?;
        uncounted::add(&table, &mut petitions)?;
        Ok(Self { petitions })
    }

    /// Returns all steps in chronological order, keyed by time, petition index and step index.
    #[must_use]
    pub fn script(&self) -> BTreeMap<(Instant, usize, usize), &DemoAction> {
        let of_petition = |(key, planned): (usize, &'_ PlannedPetition)| -> Vec<(Instant, usize, usize)> {
            planned.steps.iter().enumerate().map(|(step, (at, _))| (*at, key, step)).collect()
        };
        let keys = self.petitions.iter().enumerate().flat_map(of_petition);
        keys.filter_map(|key| Some((key, &self.petitions.get(key.1)?.steps.get(key.2)?.1))).collect()
    }
}

fn slots<'t>(hours: &Hours<'_>, target: &'t DistrictTarget) -> Vec<PlanSlot<'t>> {
    let (new_year, july) = (day(2023, 1, 2), day(2023, 7, 1));
    let arrival = |is_business: bool| hours.arrival(if is_business { july } else { new_year }, day(2023, 12, 26));
    let received: Vec<Instant> = (0..target.handled).map(|place| arrival(place < target.business_handled)).collect();
    let answers = spans::answers(hours, &received, target.days);
    let scores = scores(hours.dice, target);
    let handled = received.iter().zip(answers).zip(scores).enumerate().map(|(place, ((received, answered), score))| PlanSlot {
        target,
        received: *received,
        answered: Some(answered),
        is_business: place < target.business_handled,
        score,
        detour: Detour::None,
    });
    let open = (0..target.backlog).map(|place| {
        let is_business = place < target.business_backlog;
        let received = match hours.dice.between(1, 100) {
            1..=55 => hours.arrival(day(2023, 11, 20), day(2023, 12, 31)),
            56..=85 => hours.arrival(day(2023, 8, 15), day(2023, 11, 30)),
            _ => hours.arrival(if is_business { july } else { day(2023, 2, 1) }, day(2023, 10, 31)),
        };
        PlanSlot { target, received, answered: None, is_business, score: None, detour: Detour::None }
    });
    handled.chain(open).collect()
}

/// Draws scores that add up to the district's stars, mixed with unrated petitions.
fn scores(dice: &SeededRandom, target: &DistrictTarget) -> Vec<Option<i32>> {
    let stars = target.stars;
    let rated = i64::try_from(target.rated).unwrap_or(1).max(1);
    let middle = (stars + rated / 2) / rated;
    let mut drawn: Vec<i64> = (0..target.rated)
        .map(|_| (middle + i64::try_from(dice.weighted([14, 24, 26, 22, 14].into_iter())).unwrap_or(2) - 2).clamp(1, 5))
        .collect();
    loop {
        let missing = stars - drawn.iter().sum::<i64>();
        let step = missing.signum();
        let place = dice.place(drawn.len());
        let Some(score) = drawn.get_mut(place).filter(|_| step != 0) else { break };
        *score = (*score + step).clamp(1, 5);
    }
    let mut scores: Vec<Option<i32>> = drawn.into_iter().map(|score| i32::try_from(score).ok()).collect();
    scores.resize(target.handled, None);
    dice.shuffle(&mut scores);
    scores
}

fn give_detours(hours: &Hours<'_>, slots: &mut [PlanSlot<'_>]) {
    let mut order: Vec<usize> = (0..slots.len()).collect();
    hours.dice.shuffle(&mut order);
    for (detour, count) in DETOURS {
        let mut left = *count;
        for place in &order {
            let Some(slot) = slots.get_mut(*place).filter(|slot| left > 0 && has_room(hours, slot, *detour)) else { continue };
            slot.detour = *detour;
            left -= 1;
        }
    }
}

fn has_room(hours: &Hours<'_>, slot: &PlanSlot<'_>, detour: Detour) -> bool {
    let Some(answered) = slot.answered.filter(|_| slot.detour == Detour::None) else { return false };
    let fits = match detour {
        Detour::Reopened | Detour::ReopeningDenied => answered < at(day(2023, 11, 30), 0, 0),
        Detour::SentAround => slot.target.area_code != super::PROVINCE,
        Detour::Transfer => !slot.is_business,
        _ => true,
    };
    fits && hours.working_minutes(slot.received, answered) >= detour.least_minutes()
}

fn planned(table: &PlanContext<'_>, slot: &PlanSlot<'_>) -> Result<PlannedPetition, ServiceError> {
    let hours = table.hours;
    let of_province = slot.target.area_code == super::PROVINCE;
    let is_extended = matches!(slot.detour, Detour::Extension | Detour::ExtensionDenied);
    let case = table.cases.draw(&CaseRequest {
        district: &slot.target.area_code,
        // A petition transferred to a department was first routed to a district.
        for_province: of_province && slot.detour != Detour::Transfer,
        is_business: slot.is_business,
        least_days: if is_extended { 5 } else { 0 },
        urgency: if is_extended { Urgency::Normal } else { urgency(hours.dice, slot) },
        received: slot.received,
    })?;
    let mut course = DemoCourse::begin(hours, &case, slot.received);
    if let Some(answered) = slot.answered {
        let target = if of_province { table.cases.department(&case) } else { table.cases.neighbour(&case) };
        course.answered(answered, slot.detour, target, due_on(table, &case, slot.received));
        course.afterwards(slot.detour, slot.score);
    } else {
        course.left_open();
    }
    let steps = course.steps();
    let (form, filer) = filed(hours.dice, case, slot.is_business);
    let fate = slot.answered.map_or(PlannedOutcome::Open, PlannedOutcome::Handled);
    Ok(PlannedPetition { district: slot.target.area_code.clone(), form, filer, received: slot.received, fate, steps })
}

/// Returns the day on which the answer is due.
fn due_on(table: &PlanContext<'_>, case: &DemoCase<'_>, received: Instant) -> chrono::NaiveDate {
    let urgency = case.form.urgency.unwrap_or(Urgency::Normal);
    let due_at = table.directory.deadline(case.category.id, urgency, received).map(|(_, deadline)| deadline.due_at);
    due_at.unwrap_or(received).local_date()
}

/// Draws the urgency: slow petitions were complex, quick ones may have been urgent.
fn urgency(dice: &SeededRandom, slot: &PlanSlot<'_>) -> Urgency {
    let days = slot.answered.map_or(10, |answered| answered.millis_since(slot.received) / 86_400_000);
    match days {
        0 | 1 if dice.chance(18) => Urgency::Urgent,
        20.. if dice.chance(35) => Urgency::Complex,
        _ => Urgency::Normal,
    }
}

/// Adds the petitioner.
pub(super) fn filed(
    dice: &SeededRandom,
    case: DemoCase<'_>,
    is_business: bool,
) -> (crate::petitions::filing::PetitionForm, Filer) {
    let mut form = case.form;
    let typed = matches!(form.channel, Some(Channel::Phone | Channel::Counter));
    let filer = match (is_business, typed) {
        (_, true) => Filer::Counter,
        (true, false) if dice.between(1, OWN_BUSINESS) == 1 => Filer::Business,
        (false, false) if dice.between(1, OWN_CITIZEN) == 1 => Filer::Citizen,
        _ => Filer::Guest,
    };
    if matches!(filer, Filer::Guest | Filer::Counter) {
        form.petitioner = Some(if is_business { people::business(dice) } else { people::citizen(dice) });
    }
    (form, filer)
}
