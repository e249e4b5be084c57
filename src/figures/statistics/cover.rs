//! Chooses the coarsest stored sums that together cover a span of receipt and a span of events.
//!
//! Takes the two spans; returns [`RollupSpan`]s that do not overlap. A year of receipt and events is two rows per
//! agency instead of thirty monthly ones, which is what makes queries over years fast.

use super::plan::DaySpan;
use crate::figures::rules::Grain;
use chrono::{Datelike, Months, NaiveDate};
use std::ops::RangeInclusive;

/// Sums of one grain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RollupSpan {
    /// The time span of each sum.
    pub grain: Grain,
    /// Receipt spans, by their first days.
    pub received_in: RangeInclusive<NaiveDate>,
    /// Event spans, by their first days.
    pub event_on: RangeInclusive<NaiveDate>,
}

/// The spans to cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WantedSpans {
    /// Receipt: from the first day of a month to the last day of a month, or to a day after which nothing was
    /// received.
    pub received: DaySpan,
    /// Event days.
    pub events: DaySpan,
    /// Whether the last event day is today, after which nothing has happened.
    pub is_present: bool,
    /// Whether years of receipt may be used, because months need not be distinguished.
    pub has_years: bool,
}

/// Returns the rollup spans.
pub(super) fn cover(wanted: &WantedSpans) -> Vec<RollupSpan> {
    let (first, last) = wanted.received;
    let mut stretches = Vec::new();
    let first_year = if is_new_year(first) { first } else { year_behind(first) };
    // After the last event nothing was received either, so its year counts as complete.
    let last_year = if is_new_years_eve(last) || last >= wanted.events.1 { Some(last) } else { eve_of_year(last) };
    let years = last_year.filter(|last_year| wanted.has_years && first_year <= *last_year).map(|to| (first_year, to));
    match years {
        None => of_receipt(wanted, (first, last), false, &mut stretches),
        Some((from, to)) => {
            of_receipt(wanted, (first, day_before(from)), false, &mut stretches);
            of_receipt(wanted, (from, to), true, &mut stretches);
            of_receipt(wanted, (day_behind(to), last), false, &mut stretches);
        }
    }
    stretches
}

fn of_receipt(wanted: &WantedSpans, (first, last): DaySpan, in_years: bool, stretches: &mut Vec<RollupSpan>) {
    // A petition has no events before its receipt.
    let (from, to) = (wanted.events.0.max(first), wanted.events.1);
    if first > last || from > to {
        return;
    }
    let coarsest = if in_years { Grain::Year } else { Grain::Month };
    split((from, to), coarsest, wanted.is_present, &mut |grain, (from, to)| {
        stretches.push(RollupSpan {
            grain,
            received_in: grain.of_receipt(first)..=grain.of_receipt(last),
            event_on: grain.of_event(from)..=grain.of_event(to),
        });
    });
}

/// Splits days into whole years, months and days; the current year and month count as complete.
fn split((from, to): DaySpan, grain: Grain, is_present: bool, put: &mut impl FnMut(Grain, DaySpan)) {
    if from > to {
        return;
    }
    let (finer, begins, ends) = match grain {
        Grain::Day => return put(grain, (from, to)),
        Grain::Month => {
            let begins = if from.day() == 1 { from } else { month_behind(from) };
            let is_whole = is_present || day_behind(to).day() == 1;
            (Grain::Day, begins, if is_whole { to } else { day_before(Grain::Month.of_event(to)) })
        }
        Grain::Year => {
            let begins = if is_new_year(from) { from } else { year_behind(from) };
            let is_whole = is_present || is_new_years_eve(to);
            (Grain::Month, begins, if is_whole { to } else { day_before(Grain::Year.of_event(to)) })
        }
    };
    if begins > ends {
        return split((from, to), finer, is_present, put);
    }
    split((from, day_before(begins)), finer, false, put);
    put(grain, (begins, ends));
    split((day_behind(ends), to), finer, is_present, put);
}

fn is_new_year(day: NaiveDate) -> bool {
    day.ordinal() == 1
}

fn is_new_years_eve(day: NaiveDate) -> bool {
    is_new_year(day_behind(day))
}

fn year_behind(day: NaiveDate) -> NaiveDate {
    Grain::Year.of_event(day).checked_add_months(Months::new(12)).unwrap_or(NaiveDate::MAX)
}

fn month_behind(day: NaiveDate) -> NaiveDate {
    Grain::Month.of_event(day).checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

fn eve_of_year(day: NaiveDate) -> Option<NaiveDate> {
    Grain::Year.of_event(day).pred_opt()
}

fn day_behind(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

fn day_before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn told(received: DaySpan, events: DaySpan, is_present: bool) -> Vec<String> {
        let wanted = WantedSpans { received, events, is_present, has_years: true };
        let told = |stretch: RollupSpan| {
            let RollupSpan { grain, received_in: r, event_on: e } = stretch;
            format!("{grain}: received {}..{}, events {}..{}", r.start(), r.end(), e.start(), e.end())
        };
        cover(&wanted).into_iter().map(told).collect()
    }

    #[test]
    fn a_year_is_a_year() {
        let year = (day(2023, 1, 1), day(2023, 12, 31));
        assert_eq!(told(year, year, false), ["year: received 2023-01-01..2023-01-01, events 2023-01-01..2023-01-01"]);
    }

    #[test]
    fn the_present_year_is_as_good_as_whole() {
        let part = (day(2026, 1, 1), day(2026, 11, 23));
        assert_eq!(told(part, part, true), ["year: received 2026-01-01..2026-01-01, events 2026-01-01..2026-01-01"]);
        assert_eq!(
            told(part, part, false),
            [
                "month: received 2026-01-01..2026-11-01, events 2026-01-01..2026-10-01",
                "day: received 2026-01-01..2026-11-01, events 2026-11-01..2026-11-23"
            ]
        );
    }

    #[test]
    fn every_pair_of_receipt_and_event_is_covered_once() {
        let begin = day(2020, 1, 1);
        for (from, to, first, last) in [
            (day(2020, 3, 5), day(2023, 8, 17), day(2020, 2, 1), day(2022, 4, 30)),
            (day(2020, 1, 1), day(2023, 12, 31), day(2020, 1, 1), day(2023, 12, 31)),
            (day(2021, 6, 1), day(2022, 6, 30), day(2020, 5, 1), day(2022, 6, 30)),
            (day(2021, 2, 3), day(2021, 2, 27), day(2020, 12, 1), day(2021, 1, 31)),
        ] {
            let stretches =
                cover(&WantedSpans { received: (first, last), events: (from, to), is_present: false, has_years: true });
            for received in (0..1500).step_by(5).map(|days| begin + Days::new(days)) {
                for event in (0..400).step_by(3).map(|days| received + Days::new(days)) {
                    let holds = |stretch: &&RollupSpan| {
                        stretch.received_in.contains(&stretch.grain.of_receipt(received))
                            && stretch.event_on.contains(&stretch.grain.of_event(event))
                    };
                    let wanted = (first..=last).contains(&received) && (from..=to).contains(&event);
                    let times = stretches.iter().filter(holds).count();
                    assert_eq!(times, usize::from(wanted), "received {received}, event {event}, {stretches:?}");
                }
            }
        }
    }
}
