//! Statutory days off (nghỉ lễ, tết): takes a year and its decided days, returns the days off under the Labour
//! Code.
//!
//! Labour Code 2019 art. 112: New Year's Day; Tết, five days; 10 tháng Ba; 30 April; 1 May; 2 September and one
//! adjacent day (since 2021); since 2026 also 24 November. Art. 111: for a holiday on a weekly day off, the next
//! working day. The five days of Tết and the day next to 2 September are announced every year; until then the
//! choice of all years since 2017 is assumed. Swapped days follow no rule. Decided days take precedence: five
//! decided for Tết or two for September replace the rule's, a decided substitute day for a weekend is the statutory
//! one, and a decided working Saturday is a working day.

use super::{DayKind, lunar};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// Increase when these rules change, so that the deadlines of open petitions are recomputed.
pub const VERSION: i32 = 1;

/// Years for which the rules are known, limited by the lunar calendar.
pub const YEARS: RangeInclusive<i32> = 2000..=2199;

/// A statutory day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatutoryDay {
    pub day: NaiveDate,
    /// A holiday, or the substitute for one on a weekly day off.
    pub kind: DayKind,
    pub name: &'static str,
}

/// Days of one holiday: decided days for all of them replace the rule.
struct HolidayGroup {
    days: Vec<(NaiveDate, &'static str)>,
    /// Range in which decided days belong to this group.
    around: RangeInclusive<NaiveDate>,
    name_of_compensation: &'static str,
}

static BY_RULE: LazyLock<BTreeMap<i32, Vec<StatutoryDay>>> =
    LazyLock::new(|| YEARS.map(|year| (year, days_of(year, &BTreeMap::new()))).collect());

/// Returns the statutory days off of a year, given the decided days; empty outside of [`YEARS`].
#[must_use]
pub fn statutory_days(year: i32, decided: &BTreeMap<NaiveDate, DayKind>) -> Vec<StatutoryDay> {
    let is_of_the_year = |day: &NaiveDate| day.year() == year;
    if decided.keys().any(is_of_the_year) && YEARS.contains(&year) {
        days_of(year, decided)
    } else {
        BY_RULE.get(&year).cloned().unwrap_or_default()
    }
}

fn days_of(year: i32, decided: &BTreeMap<NaiveDate, DayKind>) -> Vec<StatutoryDay> {
    let mut holidays: BTreeMap<NaiveDate, (&'static str, &'static str)> = BTreeMap::new();
    for group in groups(year).into_iter().flatten() {
        let chosen: Vec<NaiveDate> =
            decided.range(group.around).filter(|(_, kind)| **kind == DayKind::Holiday).map(|(day, _)| *day).collect();
        if chosen.len() >= group.days.len() {
            let name = |day| group.days.iter().find(|(other, _)| *other == day).or(group.days.first()).map(|(_, name)| *name);
            holidays.extend(chosen.iter().filter_map(|day| Some((*day, (name(*day)?, group.name_of_compensation)))));
        } else {
            holidays.extend(group.days.iter().map(|(day, name)| (*day, (*name, group.name_of_compensation))));
        }
    }
    let mut found: Vec<StatutoryDay> =
        holidays.iter().map(|(day, (name, _))| StatutoryDay { day: *day, kind: DayKind::Holiday, name }).collect();
    let mut taken: BTreeSet<NaiveDate> = holidays.keys().copied().collect();
    for (holiday, (_, name)) in holidays.iter().filter(|(day, _)| is_weekly_day_off(**day)) {
        let is_free =
            |day: &NaiveDate| !is_weekly_day_off(*day) && !taken.contains(day) && decided.get(day) != Some(&DayKind::Holiday);
        let next = holiday.iter_days().skip(1).take(30).find(is_free);
        if let Some(day) = next {
            taken.insert(day);
            found.push(StatutoryDay { day, kind: DayKind::CompensatoryOff, name });
        }
    }
    found.retain(|it| !decided.contains_key(&it.day));
    found.sort_unstable_by_key(|it| it.day);
    found
}

fn is_weekly_day_off(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn groups(year: i32) -> Vec<Option<HolidayGroup>> {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let single = |day: Option<NaiveDate>, name, name_of_compensation| {
        day.map(|day| HolidayGroup { days: vec![(day, name)], around: day..=day, name_of_compensation })
    };
    vec![
        single(day(1, 1), "Tết Dương lịch", "Nghỉ bù Tết Dương lịch"),
        lunar::day_of(year, 1, 1).and_then(new_year),
        single(lunar::day_of(year, 3, 10), "Giỗ Tổ Hùng Vương (10 tháng Ba âm lịch)", "Nghỉ bù Giỗ Tổ Hùng Vương"),
        single(day(4, 30), "Ngày Chiến thắng", "Nghỉ bù Ngày Chiến thắng"),
        single(day(5, 1), "Ngày Quốc tế Lao động", "Nghỉ bù Ngày Quốc tế Lao động"),
        national_day(year),
        single(day(11, 24).filter(|_| year >= 2026), "Ngày Văn hóa Việt Nam", "Nghỉ bù Ngày Văn hóa Việt Nam"),
    ]
}

/// Tết: two days before the first and three from it on or, where that fills a working week, one before and four.
fn new_year(first: NaiveDate) -> Option<HolidayGroup> {
    let before = if first.weekday() == Weekday::Tue { 1 } else { 2 };
    let begin = first.checked_sub_days(Days::new(before))?;
    let names = [
        "Tết Nguyên đán (hai ngày trước mùng một)",
        "Tết Nguyên đán (ngày cuối tháng Chạp)",
        "Tết Nguyên đán (mùng 1 tháng Giêng)",
        "Tết Nguyên đán (mùng 2 tháng Giêng)",
        "Tết Nguyên đán (mùng 3 tháng Giêng)",
        "Tết Nguyên đán (mùng 4 tháng Giêng)",
    ];
    let days = begin.iter_days().zip(names.into_iter().skip(if before == 1 { 1 } else { 0 })).take(5).collect();
    let around = first.checked_sub_days(Days::new(7))?..=first.checked_add_days(Days::new(7))?;
    Some(HolidayGroup { days, around, name_of_compensation: "Nghỉ bù Tết Nguyên đán" })
}

/// 2 September and, since 2021, the adjacent day that makes the holiday longest.
fn national_day(year: i32) -> Option<HolidayGroup> {
    let day = |day| NaiveDate::from_ymd_opt(year, 9, day);
    let (first, second, third) = (day(1)?, day(2)?, day(3)?);
    let beside = match second.weekday() {
        Weekday::Mon | Weekday::Thu | Weekday::Sun => third,
        _ => first,
    };
    let mut days = vec![(second, "Quốc khánh")];
    days.extend((year >= 2021).then_some((beside, "Quốc khánh (ngày liền kề)")));
    Some(HolidayGroup { days, around: first..=third, name_of_compensation: "Nghỉ bù Quốc khánh" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::rules::calendar::tests::{date, reference_days};

    fn off(year: i32) -> Vec<String> {
        let days = statutory_days(year, &BTreeMap::new());
        days.iter().filter(|it| !is_weekly_day_off(it.day)).map(|it| it.day.format("%m-%d").to_string()).collect()
    }

    #[test]
    fn the_rule_gives_what_was_decided_in_all_years_of_the_data() {
        for year in 2022..=2026 {
            let decided: BTreeMap<_, _> = reference_days("official")
                .filter(|(day, ..)| day.year() == year)
                .map(|(day, kind, name)| (day, (kind, name)))
                .collect();
            let swaps =
                decided.values().filter(|(kind, name)| *kind == DayKind::WorkingWeekend || name.contains("hoán đổi")).count();
            let by_rule = statutory_days(year, &BTreeMap::new());
            let known: Vec<_> = by_rule.iter().filter(|it| it.day != date("2026-11-24")).collect();
            for it in &known {
                assert_eq!(decided.get(&it.day).map(|(kind, _)| *kind), Some(it.kind), "{}: {}", it.day, it.name);
            }
            assert_eq!(known.len() + swaps, decided.len(), "{year}");
        }
        let expected: Vec<_> = reference_days("expected").filter(|(day, ..)| day.year() == 2027).collect();
        for (day, kind, _) in expected {
            assert!(statutory_days(2027, &BTreeMap::new()).iter().any(|it| it.day == day && it.kind == kind), "{day}");
        }
    }

    #[test]
    fn years_beyond_the_data_have_their_days_off() {
        assert_eq!(
            off(2027),
            ["01-01", "02-04", "02-05", "02-08", "02-09", "02-10", "04-16", "04-30", "05-03", "09-02", "09-03", "11-24"]
        );
        assert_eq!(
            off(2028),
            ["01-03", "01-24", "01-25", "01-26", "01-27", "01-28", "04-04", "05-01", "05-02", "09-01", "09-04", "11-24"]
        );
        assert_eq!(off(2029)[10..], ["09-04", "11-26"].map(str::to_owned), "2 and 24 fall on a weekend");
        assert!(!off(2020).contains(&"09-01".to_owned()) && !off(2020).contains(&"09-03".to_owned()), "one day before 2021");
    }

    #[test]
    fn every_year_has_its_twelve_days_and_one_for_each_that_fell_on_a_weekend() {
        for year in 2026..=2199 {
            let days = statutory_days(year, &BTreeMap::new());
            let holidays: Vec<_> = days.iter().filter(|it| it.kind == DayKind::Holiday).collect();
            assert_eq!(holidays.len(), 12, "{year}");
            let lost = holidays.iter().filter(|it| is_weekly_day_off(it.day)).count();
            assert_eq!(days.len() - holidays.len(), lost, "{year}");
            assert_eq!(off(year).len(), 12, "{year}");
        }
    }

    #[test]
    fn what_was_decided_wins_over_the_rule() {
        let holiday = |day: &str| (date(day), DayKind::Holiday);
        let one_before = ["2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08", "2027-02-09"].map(holiday);
        let days = |decided: &[(NaiveDate, DayKind)]| -> Vec<String> {
            let decided = decided.iter().copied().collect();
            let february = |it: &StatutoryDay| it.day.month() == 2;
            statutory_days(2027, &decided).iter().filter(|it| february(it)).map(|it| it.day.format("%d").to_string()).collect()
        };
        assert_eq!(days(&one_before), ["10", "11"], "what is decided is not told again, and the fourth is no day of rest before");
        assert_eq!(days(&one_before[..2]).len(), 5, "until all five days are chosen the others follow the rule");
        let bridged = [(date("2027-02-09"), DayKind::CompensatoryOff)];
        assert_eq!(days(&bridged), ["04", "05", "06", "07", "08", "10"]);
        let swapped = [(date("2027-02-11"), DayKind::CompensatoryOff), (date("2027-02-20"), DayKind::WorkingWeekend)];
        assert_eq!(days(&swapped), ["04", "05", "06", "07", "08", "09", "10"]);
    }
}
