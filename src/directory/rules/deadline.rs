//! Deadlines: takes a rule, an amount and the time of arrival; returns when the answer is due, with the days that
//! explain it. Called by the directory when a petition is filed, reopened or recomputed after a change of the
//! calendar.
//!
//! The law behind the counting:
//! - Civil Code 2015 art. 147: a period in hours begins immediately; in days, the first day is not counted.
//! - Civil Code 2015 art. 148: if the last day is a day off, the period ends at the end of the next working day.
//! - An arrival outside working time counts from the next session. For hours the clock starts there; for days the
//!   first day in the sense of art. 147 is still the day of arrival, so that a petition of Saturday has Monday as
//!   day 1 and nobody waits longer for having written on a day off. Periods in `hours` run round the clock.
//! - A period in days ends with the last working session of its last day, not at 24:00, when nobody answers any
//!   more.
//! - While waiting for the petitioner the clock is stopped; each pause extends the deadline by its whole working
//!   minutes.

use crate::directory::rules::calendar::{DayOff, HORIZON_DAYS, WorkingCalendar};
use crate::kernel::Instant;
use crate::kernel::ids::DeadlineRuleId;
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MINUTE_MILLIS: i64 = 60_000;

text_enum! {
    /// How pressing a petition is.
    Urgency {
        /// The category's usual time.
        Normal = "normal",
        /// Khẩn: danger for life, health or traffic.
        Urgent = "urgent",
        /// Phức tạp: needs several agencies or an inspection.
        Complex = "complex",
    }
}

text_enum! {
    /// What the amount of a deadline rule counts.
    DeadlineUnit {
        /// Hours round the clock, from the arrival or, outside of working time, from the next session.
        Hours = "hours",
        /// Hours of working sessions.
        WorkingHours = "working_hours",
        /// Ngày làm việc: working days.
        WorkingDays = "working_days",
        /// Ngày: calendar days.
        Days = "days",
    }
}

/// How much time there is for one category (or any) and one urgency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeadlineRule {
    /// Its row.
    pub id: DeadlineRuleId,
    /// The category, by code so that the rule outlives a new span of validity; none = any category.
    pub category_code: Option<String>,
    /// The urgency.
    pub urgency: Urgency,
    /// How many units; none = the category's `processing_working_days`.
    pub amount: Option<i32>,
    /// The unit.
    pub unit: DeadlineUnit,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; none = until further notice.
    pub valid_to: Option<NaiveDate>,
}

impl DeadlineRule {
    fn applies(&self, category_code: &str, urgency: Urgency, day: NaiveDate) -> bool {
        self.urgency == urgency
            && self.category_code.as_deref().is_none_or(|code| code == category_code)
            && self.valid_from <= day
            && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// A day that was not counted, or that moved the end of a period, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkippedDay {
    /// The day.
    pub day: NaiveDate,
    /// Why nobody works on it.
    pub why: DayOff,
}

/// A computed deadline with its explanation; stored with the petition as it was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deadline {
    /// The last instant at which an answer is on time.
    pub due_at: Instant,
    /// Where counting began: the arrival or, outside working time, the next session.
    pub counted_from: Instant,
    /// How many units.
    pub amount: i32,
    /// The unit.
    pub unit: DeadlineUnit,
    /// The days counted; for periods in hours, the days on which they run.
    pub days: Vec<NaiveDate>,
    /// The days off in between; for calendar days, the days off at the end, which moved it (art. 148).
    pub skipped: Vec<SkippedDay>,
    /// The version of the calendar.
    pub calendar_version: i64,
}

/// Why there is no deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineError {
    /// No rule is in force for the category and the urgency.
    #[error("no deadline rule is in force for the category and the urgency on that day")]
    NoRule,
    /// The amount is not positive.
    #[error("the amount of a deadline must be positive")]
    AmountNotPositive,
    /// Beyond three years: the amount is too large, or the calendar has no sessions.
    #[error("the deadline lies beyond the horizon of the working calendar; does it have sessions?")]
    BeyondHorizon,
}

/// Returns the rule for a category and an urgency on a day: its own before one for any category, then the one that
/// came into force last.
#[must_use]
pub fn choose_rule<'a>(
    rules: &'a [DeadlineRule],
    category_code: &str,
    urgency: Urgency,
    day: NaiveDate,
) -> Option<&'a DeadlineRule> {
    let applicable = rules.iter().filter(|rule| rule.applies(category_code, urgency, day));
    applicable.max_by_key(|rule| (rule.category_code.is_some(), rule.valid_from, rule.id))
}

/// Computes the deadline of an arrival; `amount` is the rule's or, if it has none, the category's.
///
/// # Errors
/// `AmountNotPositive`, and `BeyondHorizon` when the end is more than three years ahead or there is no working
/// time.
pub fn compute(
    rule: &DeadlineRule,
    amount: i32,
    starts_at: Instant,
    calendar: &WorkingCalendar,
) -> Result<Deadline, DeadlineError> {
    let count = match u16::try_from(amount) {
        Ok(count) if count > 0 => count,
        Err(_) if amount > 0 => return Err(DeadlineError::BeyondHorizon),
        _ => return Err(DeadlineError::AmountNotPositive),
    };
    // Arrivals outside working time count from the next session, for every unit.
    let counted_from = calendar.working_instant_at_or_after(starts_at).ok_or(DeadlineError::BeyondHorizon)?;
    let end = match rule.unit {
        DeadlineUnit::Hours => after_hours(counted_from, count),
        DeadlineUnit::WorkingHours => after_working_hours(counted_from, count, calendar),
        DeadlineUnit::WorkingDays => after_working_days(starts_at, count, calendar),
        DeadlineUnit::Days => after_calendar_days(starts_at, count, calendar),
    };
    let end = end.ok_or(DeadlineError::BeyondHorizon)?;
    Ok(Deadline {
        due_at: end.due_at,
        counted_from,
        amount,
        unit: rule.unit,
        days: end.days,
        skipped: end.skipped,
        calendar_version: calendar.version,
    })
}

/// Rounds a pause down to whole working minutes. Deadlines are shown to the minute, and an unnoticeable pause must
/// not move the end of a day to the next morning.
#[must_use]
pub const fn counted_pause(paused_working_millis: i64) -> i64 {
    paused_working_millis - paused_working_millis.rem_euclid(MINUTE_MILLIS)
}

/// Extends a deadline by the working time during which its clock was stopped (waiting for the petitioner), in whole
/// minutes.
///
/// # Errors
/// `BeyondHorizon` when the new end is more than three years ahead.
pub fn extend_by_paused(
    due_at: Instant,
    paused_working_millis: i64,
    calendar: &WorkingCalendar,
) -> Result<Instant, DeadlineError> {
    let paused = Duration::try_milliseconds(counted_pause(paused_working_millis)).ok_or(DeadlineError::BeyondHorizon)?;
    calendar.add_working(due_at, paused).ok_or(DeadlineError::BeyondHorizon)
}

/// The end of counting, and the days it went over.
struct CountedEnd {
    due_at: Instant,
    days: Vec<NaiveDate>,
    skipped: Vec<SkippedDay>,
}

fn after_hours(from: Instant, count: u16) -> Option<CountedEnd> {
    let due_at = from.plus(Duration::hours(i64::from(count)));
    let last = due_at.local_date();
    if (last - from.local_date()).num_days() > i64::from(HORIZON_DAYS) {
        return None;
    }
    Some(CountedEnd { due_at, days: days_between(from.local_date(), last).collect(), skipped: Vec::new() })
}

fn after_working_hours(from: Instant, count: u16, calendar: &WorkingCalendar) -> Option<CountedEnd> {
    let due_at = calendar.add_working(from, Duration::hours(i64::from(count)))?;
    Some(end_at(due_at, days_between(from.local_date(), due_at.local_date()), calendar))
}

fn after_working_days(from: Instant, count: u16, calendar: &WorkingCalendar) -> Option<CountedEnd> {
    let first_counted = from.local_date().succ_opt()?;
    let within_horizon = first_counted.iter_days().take(usize::from(HORIZON_DAYS));
    let last = within_horizon.filter(|day| calendar.is_working_day(*day)).nth(usize::from(count).checked_sub(1)?)?;
    Some(end_at(calendar.end_of_last_session(last)?, days_between(first_counted, last), calendar))
}

fn after_calendar_days(from: Instant, count: u16, calendar: &WorkingCalendar) -> Option<CountedEnd> {
    if count > HORIZON_DAYS {
        return None;
    }
    let first_counted = from.local_date().succ_opt()?;
    let days: Vec<NaiveDate> = first_counted.iter_days().take(usize::from(count)).collect();
    let last_counted = *days.last()?;
    let closing = calendar.working_day_on_or_after(last_counted)?;
    let moved_over = end_at(calendar.end_of_last_session(closing)?, days_between(last_counted, closing), calendar);
    Some(CountedEnd { days, ..moved_over })
}

/// Splits the days up to the end into counted days and days off.
fn end_at(due_at: Instant, days: impl Iterator<Item = NaiveDate>, calendar: &WorkingCalendar) -> CountedEnd {
    let mut end = CountedEnd { due_at, days: Vec::new(), skipped: Vec::new() };
    for day in days {
        match calendar.why_off(day) {
            Some(why) => end.skipped.push(SkippedDay { day, why }),
            None => end.days.push(day),
        }
    }
    end
}

fn days_between(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |day| *day <= last)
}

#[cfg(test)]
mod tests;
