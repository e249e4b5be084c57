//! Petitions that do not count in the figures of the demo year: refused, withdrawn and duplicate ones.

use super::actions::{DemoAction, Filer, PlannedOutcome, PlannedPetition};
use super::cases::CaseRequest;
use super::course::DemoCourse;
use super::hours::day;
use super::plan::{PlanContext, filed};
use super::words;
use crate::db::service_error::ServiceError;
use crate::directory::rules::deadline::Urgency;
use crate::kernel::Instant;
use chrono::Duration;

/// Number refused by a leader, by the coordinator, and by the system because the petitioner did not reply.
const REFUSED: (usize, usize, usize) = (40, 15, 5);
/// Number withdrawn.
const WITHDRAWN: usize = 25;
/// Number merged into another one.
const DUPLICATES: usize = 15;

/// Districts from which they come, the largest ones more often.
const DISTRICTS: &[&str] = &["256", "256", "256", "256", "258", "259", "260", "261", "261", "262", "263", "264"];

/// Adds all of them to the plan.
pub(super) fn add(table: &PlanContext<'_>, petitions: &mut Vec<PlannedPetition>) -> Result<(), ServiceError> {
    let (by_leaders, by_coordinator, by_system) = REFUSED;
    for place in 0..by_leaders + by_coordinator {
        petitions.push(refused(table, place, place < by_leaders)?);
    }
    for _ in 0..by_system {
        petitions.push(drawn(table, day(2023, 11, 30), |course, table| {
            course.add_after(30, 300, DemoAction::Accept);
            course.add_after(60, 300, DemoAction::Ask(table.hours.dice.word(words::QUESTIONS)));
        })?);
    }
    for _ in 0..WITHDRAWN {
        petitions.push(drawn(table, day(2023, 12, 27), |course, table| {
            course.add_after(30, 600, DemoAction::Withdraw(table.hours.dice.word(words::WITHDRAWAL_REASONS)));
        })?);
    }
    let repeated = repeated(table, petitions);
    petitions.extend(repeated);
    Ok(())
}

fn wish<'a>(table: &PlanContext<'_>, district: &'a str, last: chrono::NaiveDate) -> CaseRequest<'a> {
    CaseRequest {
        district,
        for_province: false,
        is_business: false,
        least_days: 0,
        urgency: Urgency::Normal,
        received: table.hours.arrival(day(2023, 1, 3), last),
    }
}

fn refused(table: &PlanContext<'_>, place: usize, by_leader: bool) -> Result<PlannedPetition, ServiceError> {
    let dice = table.hours.dice;
    let unfit = ServiceError::Internal("there are no texts of refused petitions");
    let text = words::REFUSED.get(place % words::REFUSED.len()).ok_or(unfit)?;
    let district = dice.word(DISTRICTS);
    let wish = wish(table, district, day(2023, 12, 20));
    let case = table.cases.refused(text, &wish)?;
    let mut course = DemoCourse::begin(table.hours, &case, wish.received);
    let decision = if by_leader {
        DemoAction::Refuse(text.reason, text.note)
    } else {
        DemoAction::RefuseByCoordinator(text.reason, text.note)
    };
    course.add_after(60, 900, decision);
    let steps = course.steps();
    let (form, filer) = filed(dice, case, false);
    Ok(PlannedPetition {
        district: district.to_owned(),
        form,
        filer,
        received: wish.received,
        fate: PlannedOutcome::Beside,
        steps,
    })
}

fn drawn(
    table: &PlanContext<'_>,
    last: chrono::NaiveDate,
    happens: impl Fn(&mut DemoCourse<'_, '_>, &PlanContext<'_>),
) -> Result<PlannedPetition, ServiceError> {
    let district = table.hours.dice.word(DISTRICTS);
    let wish = wish(table, district, last);
    let case = table.cases.draw(&wish)?;
    let mut course = DemoCourse::begin(table.hours, &case, wish.received);
    happens(&mut course, table);
    let steps = course.steps();
    let (form, filer) = filed(table.hours.dice, case, false);
    Ok(PlannedPetition {
        district: district.to_owned(),
        form,
        filer,
        received: wish.received,
        fate: PlannedOutcome::Beside,
        steps,
    })
}

/// Plans duplicates: a neighbour files the same petition, and it is merged before the first one is answered.
fn repeated(table: &PlanContext<'_>, petitions: &[PlannedPetition]) -> Vec<PlannedPetition> {
    let dice = table.hours.dice;
    let mut order: Vec<usize> = (0..petitions.len()).collect();
    dice.shuffle(&mut order);
    let candidates = order.into_iter().filter_map(|place| Some((place, repetition(table, place, petitions.get(place)?)?)));
    candidates.take(DUPLICATES).map(|(_, repetition)| repetition).collect()
}

fn repetition(table: &PlanContext<'_>, place: usize, first: &PlannedPetition) -> Option<PlannedPetition> {
    let dice = table.hours.dice;
    let PlannedOutcome::Handled(answered) = first.fate else { return None };
    let has_moved = first.steps.iter().any(|(_, action)| matches!(action, DemoAction::Transfer(..) | DemoAction::HandBack(_)));
    let lasts = table.hours.working_minutes(first.received, answered);
    if has_moved || first.filer != Filer::Guest || first.form.petitioner.as_ref()?.company_name.is_some() || lasts < 5 * 480 {
        return None;
    }
    let received: Instant = first.received.plus(Duration::minutes(dice.between(180, 1600)));
    let merged = table.hours.working_later(received, dice.between(60, 300));
    if merged >= answered {
        return None;
    }
    let mut form = first.form.clone();
    form.content = form.content.map(|content| format!("{} {content}", dice.word(words::SAME_AGAIN)));
    form.petitioner = Some(super::people::citizen(dice));
    let steps = vec![(received, DemoAction::File), (merged, DemoAction::Merge(place))];
    Some(PlannedPetition {
        district: first.district.clone(),
        form,
        filer: Filer::Guest,
        received,
        fate: PlannedOutcome::Beside,
        steps,
    })
}
