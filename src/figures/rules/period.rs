//! Periods of figures and reports: takes two days or a name (`2024-Q1`, `ttcp-2024`); returns a range of whole days.
//!
//! Both days are included. There are two calendars: the civil one and that of the Government Inspectorate (TTCP), whose
//! year runs from 16 December to 15 December and whose quarters begin on the 16th.

use crate::kernel::Instant;
use crate::kernel::field_problem::FieldRule;
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::Serialize;
use std::str::FromStr;
use utoipa::ToSchema;

const FIRST_YEAR: i32 = 2000;
const LAST_YEAR: i32 = 2100;
const MOST_YEARS: u32 = 20;
const EXAMPLES: &str = "2023, 2024-Q1, 2024-03, 2024-W12, ttcp-2024, ttcp-2024-Q1";

text_enum! {
    /// The step of a trend.
    TrendStep {
        /// Single days, `2024-03-05`.
        Day = "day",
        /// ISO weeks from Monday, `2024-W12`.
        Week = "week",
        /// Months, `2024-03`.
        Month = "month",
        /// Quarters, `2024-Q1`.
        Quarter = "quarter",
        /// Years, `2024`.
        Year = "year",
    }
}

/// A span of Vietnamese days, both ends included; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

/// One step of a period, cut where the period ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubPeriod {
    /// The name of the whole step, also when the period cuts it: `2024-03`.
    pub key: String,
    /// The days of the step that lie in the period.
    pub period: Period,
}

impl Period {
    /// Creates the period between two days.
    ///
    /// # Errors
    /// `Between` for years outside 2000–2100 or, with two days, for a `to` more than 20 years after `from`;
    /// `MustNotBeBefore("from")` when `to` is before `from`.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, FieldRule> {
        check_year(from.year())?;
        check_year(to.year())?;
        if to < from {
            return Err(FieldRule::MustNotBeBefore("from".to_owned()));
        }
        let latest = from.checked_add_months(Months::new(12 * MOST_YEARS)).and_then(|day| day.pred_opt()).unwrap_or(from);
        if to > latest {
            return Err(FieldRule::Between(from.to_string(), latest.to_string()));
        }
        Ok(Self { from, to })
    }

    /// Returns all days before it, back to the earliest possible receipt; `None` if there are none.
    #[must_use]
    pub fn past(self) -> Option<Self> {
        let from = NaiveDate::from_yo_opt(FIRST_YEAR, 1)?;
        let to = self.from.pred_opt()?;
        (from <= to).then_some(Self { from, to })
    }

    /// Returns the first day.
    #[must_use]
    pub const fn from(self) -> NaiveDate {
        self.from
    }

    /// Returns the last day.
    #[must_use]
    pub const fn to(self) -> NaiveDate {
        self.to
    }

    /// Returns the first instant of the first day.
    #[must_use]
    pub fn starts_at(self) -> Instant {
        Instant::start_of(self.from)
    }

    /// Returns the last instant of the last day.
    #[must_use]
    pub fn ends_at(self) -> Instant {
        Instant::end_of(self.to)
    }

    /// Returns whether a day lies in the period.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// Returns the number of days, at least 1.
    #[must_use]
    pub fn days(self) -> u64 {
        (self.to - self.from).num_days().unsigned_abs() + 1
    }

    /// Returns the period of equal length just before.
    #[must_use]
    pub fn previous(self) -> Self {
        let back = |day: NaiveDate| day.checked_sub_days(Days::new(self.days())).unwrap_or(day);
        Self { from: back(self.from), to: back(self.to) }
    }

    /// Returns the same dates one year earlier (cùng kỳ); 29 February becomes 28 February.
    #[must_use]
    pub fn year_earlier(self) -> Self {
        let back = |day: NaiveDate| day.checked_sub_months(Months::new(12)).unwrap_or(day);
        Self { from: back(self.from), to: back(self.to) }
    }

    /// Splits the period into steps, in order and without gaps; the first and the last are cut at its ends.
    #[must_use]
    pub fn split(self, step: TrendStep) -> Vec<SubPeriod> {
        let mut parts = Vec::new();
        let mut next = Some(self.from);
        while let Some(from) = next.filter(|day| *day <= self.to) {
            let to = last_day_of(step, from).clamp(from, self.to);
            parts.push(SubPeriod { key: key(step, from), period: Self { from, to } });
            next = to.succ_opt();
        }
        parts
    }

    /// A number of months from a day; ends one day before the same day of the month.
    fn months(from: Option<NaiveDate>, months: u32) -> Option<Self> {
        let from = from?;
        Some(Self { from, to: from.checked_add_months(Months::new(months))?.pred_opt()? })
    }

    /// `rest` is what follows the year: nothing, or `Q1`.
    fn of_inspectorate(year: i32, rest: Option<&str>) -> Option<Self> {
        let first_day = NaiveDate::from_ymd_opt(year.checked_sub(1)?, 12, 16)?;
        match rest {
            None => Self::months(Some(first_day), 12),
            Some(rest) => Self::months(first_day.checked_add_months(Months::new(3 * (quarter(rest)? - 1))), 3),
        }
    }

    fn of_civil_calendar(year: i32, rest: Option<&str>) -> Option<Self> {
        let Some(rest) = rest else { return Self::months(NaiveDate::from_yo_opt(year, 1), 12) };
        if let Some(quarter) = quarter(rest) {
            return Self::months(NaiveDate::from_ymd_opt(year, 3 * quarter - 2, 1), 3);
        }
        if let Some(week) = rest.strip_prefix('W') {
            let from = NaiveDate::from_isoywd_opt(year, digits(week, 2)?, Weekday::Mon)?;
            return Some(Self { from, to: from.checked_add_days(Days::new(6))? });
        }
        Self::months(NaiveDate::from_ymd_opt(year, digits(rest, 2)?, 1), 1)
    }
}

impl FromStr for Period {
    type Err = FieldRule;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let name = name.trim().to_ascii_uppercase();
        let (is_inspectorate, civil) = name.strip_prefix("TTCP-").map_or((false, name.as_str()), |civil| (true, civil));
        let (year, rest) = civil.split_once('-').map_or((civil, None), |(year, rest)| (year, Some(rest)));
        let year = digits(year, 4).and_then(|year| i32::try_from(year).ok()).ok_or(FieldRule::Malformed(EXAMPLES))?;
        check_year(year)?;
        let period = if is_inspectorate { Self::of_inspectorate(year, rest) } else { Self::of_civil_calendar(year, rest) };
        period.ok_or(FieldRule::Malformed(EXAMPLES))
    }
}

fn check_year(year: i32) -> Result<(), FieldRule> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&year) {
        Ok(())
    } else {
        Err(FieldRule::Between(FIRST_YEAR.to_string(), LAST_YEAR.to_string()))
    }
}

/// Parses a number of exactly `length` digits; `parse` alone would accept a sign.
fn digits(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn quarter(rest: &str) -> Option<u32> {
    rest.strip_prefix('Q').and_then(|number| digits(number, 1)).filter(|number| (1..=4).contains(number))
}

fn quarter_of(day: NaiveDate) -> u32 {
    day.month0() / 3 + 1
}

/// The last day of the step that contains a day.
fn last_day_of(step: TrendStep, day: NaiveDate) -> NaiveDate {
    let last = match step {
        TrendStep::Day => Some(day),
        TrendStep::Week => day.checked_add_days(Days::new(u64::from(6 - day.weekday().num_days_from_monday()))),
        TrendStep::Month => Period::months(day.with_day(1), 1).map(Period::to),
        TrendStep::Quarter => Period::months(NaiveDate::from_ymd_opt(day.year(), 3 * quarter_of(day) - 2, 1), 3).map(Period::to),
        TrendStep::Year => NaiveDate::from_ymd_opt(day.year(), 12, 31),
    };
    last.unwrap_or(day)
}

/// The name of the step that contains a day; weeks use the ISO year, which differs around New Year.
fn key(step: TrendStep, day: NaiveDate) -> String {
    match step {
        TrendStep::Day => day.to_string(),
        TrendStep::Week => format!("{}-W{:02}", day.iso_week().year(), day.iso_week().week()),
        TrendStep::Month => format!("{}-{:02}", day.year(), day.month()),
        TrendStep::Quarter => format!("{}-Q{}", day.year(), quarter_of(day)),
        TrendStep::Year => day.year().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: date(from), to: date(to) }
    }

    #[test]
    fn names_of_both_calendars() {
        for (name, from, to) in [
            ("2023", "2023-01-01", "2023-12-31"),
            ("2024-Q1", "2024-01-01", "2024-03-31"),
            ("2024-q4", "2024-10-01", "2024-12-31"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2024-12", "2024-12-01", "2024-12-31"),
            ("2024-W12", "2024-03-18", "2024-03-24"),
            ("2020-W53", "2020-12-28", "2021-01-03"),
            ("2025-W01", "2024-12-30", "2025-01-05"),
            ("ttcp-2024", "2023-12-16", "2024-12-15"),
            ("ttcp-2024-Q1", "2023-12-16", "2024-03-15"),
            ("ttcp-2024-Q2", "2024-03-16", "2024-06-15"),
            ("ttcp-2024-Q3", "2024-06-16", "2024-09-15"),
            ("TTCP-2024-Q4", "2024-09-16", "2024-12-15"),
        ] {
            assert_eq!(name.parse::<Period>(), Ok(period(from, to)), "{name}");
        }
    }

    #[test]
    fn other_names_and_spans_are_refused() {
        for name in [
            "",
            "24",
            "2024-",
            "2024-Q0",
            "2024-Q5",
            "2024-Q",
            "2024-13",
            "2024-00",
            "2024-3",
            "2024-W00",
            "2024-W54",
            "2023-W53",
            "2024-W1",
            "2024-03-05",
            "+024",
            "2024-+3",
            "ttcp",
            "ttcp-",
            "ttcp-2024-03",
            "ttcp-2024-W12",
            "năm 2024",
            "２０２４",
        ] {
            assert_eq!(name.parse::<Period>().map_err(|rule| rule.code()), Err("malformed"), "{name}");
        }
        let span = |from, to| Period::new(date(from), date(to)).map_err(|rule| rule.code());
        assert_eq!("1999".parse::<Period>().map_err(|rule| rule.code()), Err("out_of_range"));
        assert_eq!("2101-Q1".parse::<Period>().map_err(|rule| rule.code()), Err("out_of_range"));
        assert_eq!(span("1999-12-31", "2000-01-01"), Err("out_of_range"));
        assert_eq!(span("2100-12-31", "2101-01-01"), Err("out_of_range"));
        assert_eq!(span("2024-01-02", "2024-01-01"), Err("must_not_be_before"));
        assert_eq!(span("2004-01-01", "2024-01-01"), Err("out_of_range"));
        assert!(span("2004-01-01", "2023-12-31").is_ok());
        assert!(span("2024-01-01", "2024-01-01").is_ok());
    }

    #[test]
    fn comparisons() {
        assert_eq!(period("2024-03-01", "2024-03-31").previous(), period("2024-01-30", "2024-02-29"));
        assert_eq!(period("2024-02-29", "2024-02-29").year_earlier(), period("2023-02-28", "2023-02-28"));
        assert_eq!(period("2023-07-01", "2023-12-31").year_earlier(), period("2022-07-01", "2022-12-31"));
        let day = period("2026-03-02", "2026-03-02");
        assert_eq!((day.starts_at().to_rfc3339(), day.days()), ("2026-03-02T00:00:00+07:00".to_owned(), 1));
        assert_eq!(day.ends_at().plus(chrono::Duration::microseconds(1)), Instant::start_of(date("2026-03-03")));
    }

    #[test]
    fn steps_are_cut_at_the_ends_and_keep_their_name() {
        let parts = period("2023-12-20", "2024-02-10").split(TrendStep::Month);
        let keys: Vec<&str> = parts.iter().map(|part| part.key.as_str()).collect();
        assert_eq!(keys, ["2023-12", "2024-01", "2024-02"]);
        assert_eq!(parts[0].period, period("2023-12-20", "2023-12-31"));
        assert_eq!(parts[2].period, period("2024-02-01", "2024-02-10"));
        let weeks = period("2024-12-29", "2025-01-06").split(TrendStep::Week);
        let keys: Vec<&str> = weeks.iter().map(|part| part.key.as_str()).collect();
        assert_eq!(keys, ["2024-W52", "2025-W01", "2025-W02"]);
        assert_eq!("2024".parse::<Period>().unwrap().split(TrendStep::Quarter).len(), 4);
        assert_eq!("2024".parse::<Period>().unwrap().split(TrendStep::Day).len(), 366);
        assert_eq!("ttcp-2024".parse::<Period>().unwrap().split(TrendStep::Year).len(), 2);
    }

    fn any_period() -> impl Strategy<Value = Period> {
        (0_u64..30_000, 0_u64..2000).prop_map(|(offset, length)| {
            let from = date("2000-01-01") + Days::new(offset);
            Period::new(from, from + Days::new(length)).unwrap()
        })
    }

    proptest! {
        #[test]
        fn steps_cover_the_period_exactly(period in any_period(), step in prop::sample::select(TrendStep::ALL)) {
            let parts = period.split(step);
            prop_assert_eq!(parts.first().map(|part| part.period.from), Some(period.from));
            prop_assert_eq!(parts.last().map(|part| part.period.to), Some(period.to));
            prop_assert_eq!(parts.iter().map(|part| part.period.days()).sum::<u64>(), period.days());
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].period.to.succ_opt(), Some(pair[1].period.from));
                prop_assert_ne!(&pair[0].key, &pair[1].key);
            }
            if step != TrendStep::Day {
                for part in parts {
                    let whole: Period = part.key.parse().unwrap();
                    prop_assert!(whole.contains(part.period.from) && whole.contains(part.period.to));
                }
            }
        }

        #[test]
        fn the_previous_period_is_as_long_and_touches(period in any_period()) {
            let previous = period.previous();
            prop_assert_eq!(previous.days(), period.days());
            prop_assert_eq!(previous.to.succ_opt(), Some(period.from));
            prop_assert!(period.year_earlier().from <= period.year_earlier().to);
        }

        #[test]
        fn any_text_is_answered(name in any::<String>()) {
            let _ = name.parse::<Period>();
        }
    }
}
