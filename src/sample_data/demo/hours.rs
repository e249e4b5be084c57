//! Times of events in the demo year: petitions arrive at all hours, fewer on days off; agencies act during
//! office hours.

use super::seeded_random::SeededRandom;
use crate::directory::rules::calendar::WorkingCalendar;
use crate::kernel::Instant;
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Timelike, Weekday};

/// Relative number of petitions per month: more in summer.
const MONTHS: [i64; 12] = [60, 65, 75, 78, 90, 100, 106, 102, 92, 84, 78, 74];

/// Relative number of petitions per hour of the day.
const HOURS: [i64; 24] = [2, 1, 1, 1, 2, 8, 20, 45, 80, 85, 70, 45, 30, 40, 65, 70, 60, 50, 45, 60, 70, 50, 25, 8];

/// Maximum attempts to draw a suitable day before any day is accepted.
const DRAWS: usize = 500;

/// Morning window for answers, in minutes of the day.
const MORNING: (i64, i64) = (8 * 60 + 40, 11 * 60 + 20);
/// Afternoon window for answers, in minutes of the day.
const AFTERNOON: (i64, i64) = (13 * 60 + 40, 16 * 60 + 40);

/// Returns a date of 2023 or of January 2024.
#[must_use]
pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Returns an instant from Vietnamese local time.
#[must_use]
pub fn at(day: NaiveDate, hour: u32, minute: u32) -> Instant {
    Instant::from_local(day.and_hms_opt(hour, minute, 0).unwrap_or_default())
}

/// Draws arrival times and computes working times.
#[derive(Debug, Clone, Copy)]
pub struct Hours<'d> {
    /// Working calendar of the agencies.
    pub calendar: &'d WorkingCalendar,
    /// Random generator.
    pub dice: &'d SeededRandom,
}

impl Hours<'_> {
    /// Draws an arrival time between two days.
    #[must_use]
    pub fn arrival(&self, first: NaiveDate, last: NaiveDate) -> Instant {
        let days = (last - first).num_days();
        let mut drawn = first;
        for _ in 0..DRAWS {
            drawn = first + Duration::days(self.dice.between(0, days));
            let month = usize::try_from(drawn.month0()).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or(100);
            let weekday = match drawn.weekday() {
                Weekday::Sun => 55,
                Weekday::Sat => 70,
                _ if !self.calendar.is_working_day(drawn) => 35,
                _ => 100,
            };
            if self.dice.between(1, 106 * 100) <= month * weekday {
                break;
            }
        }
        let hour = i64::try_from(self.dice.weighted(HOURS.iter().copied())).unwrap_or(9);
        Instant::start_of(drawn).plus(Duration::seconds(hour * 3600 + self.dice.between(0, 3599)))
    }

    /// Returns the instant after a number of working minutes, plus random seconds.
    #[must_use]
    pub fn working_later(&self, from: Instant, minutes: i64) -> Instant {
        let plain = from.plus(Duration::minutes(minutes));
        let worked = self.calendar.add_working(from, Duration::minutes(minutes)).unwrap_or(plain);
        worked.plus(Duration::seconds(self.dice.between(0, 50)))
    }

    /// Returns the working minutes between two instants.
    #[must_use]
    pub fn working_minutes(&self, from: Instant, to: Instant) -> i64 {
        self.calendar.working_millis_between(from, to) / 60_000
    }

    /// Returns the possible time for an answer that is nearest to the wanted one.
    #[must_use]
    pub fn office_near(&self, wanted: Instant) -> Instant {
        let local = self.on_a_working_day(wanted.local());
        let minute = i64::from(local.hour() * 60 + local.minute());
        let noon = i64::midpoint(MORNING.1, AFTERNOON.0);
        let minute = match minute {
            early if early < MORNING.0 => MORNING.0 + self.dice.between(0, 25),
            lunch if lunch > MORNING.1 && lunch <= noon => MORNING.1 - self.dice.between(0, 25),
            lunch if lunch > noon && lunch < AFTERNOON.0 => AFTERNOON.0 + self.dice.between(0, 25),
            late if late > AFTERNOON.1 => AFTERNOON.1 - self.dice.between(0, 35),
            minute => minute,
        };
        Instant::start_of(local.date()).plus(Duration::seconds(minute * 60 + self.dice.between(0, 59)))
    }

    /// Returns the same time on a working day; on a day off, the end of the last or the start of the next
    /// working day, whichever is nearer.
    fn on_a_working_day(&self, wanted: NaiveDateTime) -> NaiveDateTime {
        let day = wanted.date();
        if self.calendar.is_working_day(day) {
            return wanted;
        }
        let before = day.iter_days().rev().take(15).find(|day| self.calendar.is_working_day(*day)).unwrap_or(day);
        let after = self.calendar.working_day_on_or_after(day).unwrap_or(day);
        let end = before.and_hms_opt(16, 30, 0).unwrap_or(wanted);
        let begin = after.and_hms_opt(8, 50, 0).unwrap_or(wanted);
        if wanted - end < begin - wanted { end } else { begin }
    }
}
