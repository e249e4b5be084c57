//! Decides which part of a query rollup rows can answer, and which part must be counted petition by petition.
//!
//! Rollup rows hold whole event days (except for dimension `all`, days only for this and the previous month, and whole
//! months before), whole months of receipt, and one dimension at a time. Everything else is counted petition by
//! petition, which is always exact and costs in proportion to the petitions of those days.

use super::query::FigureQuery;
use super::roll_up::daily_rollups_since;
use crate::figures::rules::Dimension;
use crate::figures::rules::grain::month_of;
use crate::figures::rules::measure::MeasureSource;
use crate::kernel::Instant;
use chrono::{Datelike, Days, Months, NaiveDate};

/// The first and the last day, both included.
pub(super) type DaySpan = (NaiveDate, NaiveDate);

/// A day before any petition.
pub(super) const LONG_AGO: NaiveDate = match NaiveDate::from_ymd_opt(1990, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Which part is counted how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CountPlan {
    /// Received in the period, from rollup rows: whole months as far as anything was received.
    pub rolled: Option<DaySpan>,
    /// Received in the period, petition by petition.
    pub days: Vec<DaySpan>,
    /// Received before the period, in the months before this one, from rollup rows.
    pub carried_before: Option<NaiveDate>,
    /// Received before the period, petition by petition.
    pub carried_days: Option<DaySpan>,
}

impl CountPlan {
    /// Returns a plan without rollup rows.
    #[must_use]
    pub fn without_rows(question: &FigureQuery) -> Self {
        let (from, to) = received(question);
        let carried_days = Some((LONG_AGO, day_before(from)));
        Self { rolled: None, days: vec![(from, to)], carried_before: None, carried_days }
    }

    /// Returns a plan that uses rollup rows wherever they are exact.
    #[must_use]
    pub fn of(question: &FigureQuery) -> Self {
        let Some(dimension) = dimension(question) else { return Self::without_rows(question) };
        if !fits_days(question) || !has_days(question, dimension) {
            return Self::without_rows(question);
        }
        let (from, to) = received(question);
        let first = if from.day() == 1 { from } else { next_month(from) };
        // Nothing was received after the cut-off, so its month counts as complete.
        let is_whole = to == question.as_of.local_date() || next_day(to).day() == 1;
        let last = if is_whole { to } else { month_of(to).pred_opt().unwrap_or(to) };
        let carried_days = (from.day() != 1).then(|| (month_of(from), day_before(from)));
        let mut plan = Self { rolled: None, days: Vec::new(), carried_before: Some(month_of(from)), carried_days };
        if first > last {
            plan.days.push((from, to));
            return plan;
        }
        plan.rolled = Some((first, last));
        plan.days.extend((from < first).then(|| (from, day_before(first))));
        plan.days.extend((last < to).then(|| (next_day(last), to)));
        plan
    }
}

/// The days on which petitions of the query can have been received.
fn received(question: &FigureQuery) -> DaySpan {
    (question.period.from(), question.period.to().min(question.as_of.local_date()))
}

/// Returns the dimension of the query, if there is at most one.
pub(super) fn dimension(question: &FigureQuery) -> Option<Dimension> {
    let mut used: Vec<Dimension> = question.filter.dimensions().into_iter().map(|(dimension, _)| dimension).collect();
    used.push(question.group_by.dimension());
    used.extend(question.is_restated().then_some(Dimension::Area));
    used.retain(|dimension| *dimension != Dimension::All);
    used.dedup();
    match used.as_slice() {
        [] => Some(Dimension::All),
        [only] => Some(*only),
        [first, rest @ ..] => rest.iter().all(|other| other == first).then_some(*first),
    }
}

/// Whether the cut-off is the end of a day (or now) and no sub-period is shorter than a month.
fn fits_days(question: &FigureQuery) -> bool {
    let at_end = question.as_of == Instant::end_of(question.as_of.local_date()) || question.as_of >= question.now;
    let mut begins = question.steps.iter().skip(1).map(|step| step.period.from());
    at_end && begins.all(|day| day.day() == 1)
}

/// Whether the single days at the edges of the query are still stored.
fn has_days(question: &FigureQuery, dimension: Dimension) -> bool {
    let kept = |day: NaiveDate| next_day(day).day() == 1 || day >= daily_rollups_since(question.now.local_date());
    let cut_off = question.as_of >= question.now || kept(question.as_of.local_date());
    let has_flows = question.needs(MeasureSource::Flow) || question.needs(MeasureSource::HandOvers);
    dimension == Dimension::All || cut_off && (!has_flows || kept(day_before(question.period.from())))
}

fn next_month(day: NaiveDate) -> NaiveDate {
    month_of(day).checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

fn next_day(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

pub(super) fn day_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(NaiveDate::MIN)
}
