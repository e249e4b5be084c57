//! The working calendar: built from sessions, days off and make-up Saturdays; answers when agencies work and for
//! how long. Deadlines are computed with it and store its version.
//!
//! Monday to Friday are working days unless the data or the law says otherwise. For a confirmed year only the data
//! counts. For any other year the statutory days off of [`statutory`] apply, combined with decided days in the
//! data; swapped days count once decided, and callers can tell that such a year may still change.
//! Every search looks at most [`HORIZON_DAYS`] ahead and returns `None` beyond: a calendar without sessions is a
//! data error, and must not cause an endless search.

pub mod lunar;
pub mod statutory;

use crate::kernel::Instant;
use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// From this month on the next year should be confirmed: the Government announces its days off in autumn.
const CONFIRMED_FROM_MONTH: u32 = 10;

/// How many days ahead a search looks: three years.
pub const HORIZON_DAYS: u16 = 1096;

text_enum! {
    /// What the calendar says of a day that is not as its weekday would have it.
    DayKind {
        /// Nghỉ lễ, tết: a public holiday.
        Holiday = "holiday",
        /// Nghỉ bù, hoán đổi: off instead of another day.
        CompensatoryOff = "compensatory_off",
        /// Làm bù: a Saturday or Sunday on which people work.
        WorkingWeekend = "working_weekend",
    }
}

text_enum! {
    /// Why nobody works on a day.
    DayOff {
        /// Saturday or Sunday.
        Weekend = "weekend",
        /// A public holiday.
        Holiday = "holiday",
        /// Off instead of another day.
        CompensatoryOff = "compensatory_off",
        /// A working day for which no session is in force.
        NoSession = "no_session",
    }
}

/// One daily working session (buổi làm việc) and the days on which it is in force; hours differ by province and
/// season.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingSession {
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; `None` = until further notice.
    pub valid_to: Option<NaiveDate>,
    /// Start of work, Vietnamese time.
    pub starts: NaiveTime,
    /// End of work, Vietnamese time.
    pub ends: NaiveTime,
}

impl WorkingSession {
    /// Returns the usual eight hours, 7:30 to 11:30 and 13:00 to 17:00, valid from a day on.
    #[must_use]
    pub fn usual(valid_from: NaiveDate) -> Vec<Self> {
        let session = |(from_hour, from_minute), (to_hour, to_minute)| {
            let starts = NaiveTime::from_hms_opt(from_hour, from_minute, 0)?;
            let ends = NaiveTime::from_hms_opt(to_hour, to_minute, 0)?;
            Some(Self { valid_from, valid_to: None, starts, ends })
        };
        [session((7, 30), (11, 30)), session((13, 0), (17, 0))].into_iter().flatten().collect()
    }

    fn in_force(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// A session on a certain day: from `starts` (inclusive) to `ends` (exclusive).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingSpan {
    /// First instant of work.
    pub starts: Instant,
    /// First instant after work.
    pub ends: Instant,
}

/// The stored days that differ from their weekday.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownDays {
    /// Decided and announced.
    pub decided: BTreeMap<NaiveDate, DayKind>,
    /// Only expected: these do not count.
    pub expected: BTreeSet<NaiveDate>,
    /// Years for which every day is decided.
    pub confirmed_years: BTreeSet<i32>,
}

/// The working hours of the agencies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkingCalendar {
    /// Raised by every change of the calendar; stored with each deadline.
    pub version: i64,
    /// Sessions with their validity, in any order.
    pub sessions: Vec<WorkingSession>,
    known: KnownDays,
    /// The decided days and, for unconfirmed years, the statutory days off.
    days: BTreeMap<NaiveDate, DayKind>,
}

impl WorkingCalendar {
    /// Builds a calendar from the known days, adding the statutory days off of unconfirmed years.
    #[must_use]
    pub fn new(version: i64, sessions: Vec<WorkingSession>, known: KnownDays) -> Self {
        let open_years = statutory::YEARS.filter(|year| !known.confirmed_years.contains(year));
        let by_law = open_years.flat_map(|year| statutory::statutory_days(year, &known.decided)).map(|it| (it.day, it.kind));
        let mut days: BTreeMap<NaiveDate, DayKind> = by_law.collect();
        days.extend(known.decided.iter().map(|(day, kind)| (*day, *kind)));
        Self { version, sessions, known, days }
    }

    /// Returns whether every day of a year is decided.
    #[must_use]
    pub fn is_confirmed(&self, year: i32) -> bool {
        self.known.confirmed_years.contains(&year)
    }

    /// Returns the statutory days off of a year that apply although nobody has confirmed them.
    #[must_use]
    pub fn unconfirmed_by_law(&self, year: i32) -> Vec<statutory::StatutoryDay> {
        if self.is_confirmed(year) { Vec::new() } else { statutory::statutory_days(year, &self.known.decided) }
    }

    /// Returns the days between two days, both included, whose status may still change.
    #[must_use]
    pub fn unconfirmed_between(&self, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let is_open = |day: &NaiveDate| {
            let is_decided = self.is_confirmed(day.year()) || self.known.decided.contains_key(day);
            !is_decided || self.known.expected.contains(day)
        };
        first.iter_days().take_while(|day| *day <= last).filter(is_open).collect()
    }

    /// Returns the year that should be confirmed by this day and is not: the current one, and from October on the
    /// next.
    #[must_use]
    pub fn overdue_confirmation(&self, today: NaiveDate) -> Option<i32> {
        let last = today.year() + i32::from(today.month() >= CONFIRMED_FROM_MONTH);
        (today.year()..=last).find(|year| !self.is_confirmed(*year))
    }

    /// Returns why the day is off; `None` for a working day.
    #[must_use]
    pub fn why_off(&self, day: NaiveDate) -> Option<DayOff> {
        match self.days.get(&day) {
            Some(DayKind::Holiday) => return Some(DayOff::Holiday),
            Some(DayKind::CompensatoryOff) => return Some(DayOff::CompensatoryOff),
            Some(DayKind::WorkingWeekend) => {}
            None if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) => return Some(DayOff::Weekend),
            None => {}
        }
        let has_session = self.sessions.iter().any(|session| session.in_force(day) && session.starts < session.ends);
        (!has_session).then_some(DayOff::NoSession)
    }

    #[must_use]
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.why_off(day).is_none()
    }

    /// Returns the sessions of a day in order; overlapping or adjacent ones are merged, so that no minute counts
    /// twice. Empty on a day off.
    #[must_use]
    pub fn sessions_on(&self, day: NaiveDate) -> Vec<WorkingSpan> {
        if !self.is_working_day(day) {
            return Vec::new();
        }
        let mut times: Vec<(NaiveTime, NaiveTime)> = self
            .sessions
            .iter()
            .filter(|session| session.in_force(day) && session.starts < session.ends)
            .map(|session| (session.starts, session.ends))
            .collect();
        times.sort_unstable();
        let mut merged: Vec<(NaiveTime, NaiveTime)> = Vec::with_capacity(times.len());
        for (starts, ends) in times {
            match merged.last_mut() {
                Some(last) if starts <= last.1 => last.1 = last.1.max(ends),
                _ => merged.push((starts, ends)),
            }
        }
        let instant = |time: NaiveTime| Instant::from_local(day.and_time(time));
        merged.into_iter().map(|(starts, ends)| WorkingSpan { starts: instant(starts), ends: instant(ends) }).collect()
    }

    /// Returns the end of the last session of a day; `None` on a day off.
    #[must_use]
    pub fn end_of_last_session(&self, day: NaiveDate) -> Option<Instant> {
        self.sessions_on(day).last().map(|span| span.ends)
    }

    /// Returns the day itself if it is a working day, otherwise the next working day.
    #[must_use]
    pub fn working_day_on_or_after(&self, day: NaiveDate) -> Option<NaiveDate> {
        days_ahead(day).find(|day| self.is_working_day(*day))
    }

    /// Returns the next working day, never the day itself.
    #[must_use]
    pub fn next_working_day(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.working_day_on_or_after(day.succ_opt()?)
    }

    /// Returns the first session start at or after an instant.
    #[must_use]
    pub fn next_session_start(&self, instant: Instant) -> Option<Instant> {
        self.spans_from(instant).map(|span| span.starts).find(|starts| *starts >= instant)
    }

    /// Returns the instant itself inside a session, otherwise the next session start. The end of a session is
    /// outside.
    #[must_use]
    pub fn working_instant_at_or_after(&self, instant: Instant) -> Option<Instant> {
        self.spans_from(instant).find(|span| instant < span.ends).map(|span| instant.max(span.starts))
    }

    /// Returns the working time between two instants in whole milliseconds; 0 when `to` is not later than `from`.
    #[must_use]
    pub fn working_millis_between(&self, from: Instant, to: Instant) -> i64 {
        if to <= from {
            return 0;
        }
        let last_day = to.local_date();
        let days = from.local_date().iter_days().take_while(|day| *day <= last_day);
        let worked = days.flat_map(|day| self.sessions_on(day)).map(|span| {
            let begin = span.starts.max(from);
            let end = span.ends.min(to);
            if begin < end { end.utc() - begin.utc() } else { Duration::zero() }
        });
        worked.sum::<Duration>().num_milliseconds()
    }

    /// Returns the instant at which `amount` of working time from `from` has elapsed: inside a session or at its
    /// end. `from` itself when `amount` is not positive; `None` beyond the horizon.
    #[must_use]
    pub fn add_working(&self, from: Instant, amount: Duration) -> Option<Instant> {
        let mut left = amount;
        if left <= Duration::zero() {
            return Some(from);
        }
        for span in self.spans_from(from).filter(|span| from < span.ends) {
            let begin = span.starts.max(from);
            let available = span.ends.utc() - begin.utc();
            if left <= available {
                return Some(begin.plus(left));
            }
            left -= available;
        }
        None
    }

    /// Returns the sessions from the day of the instant on, up to the horizon.
    fn spans_from(&self, instant: Instant) -> impl Iterator<Item = WorkingSpan> {
        days_ahead(instant.local_date()).flat_map(|day| self.sessions_on(day))
    }
}

fn days_ahead(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    day.iter_days().take(usize::from(HORIZON_DAYS))
}

#[cfg(test)]
pub(crate) mod tests;
