//! The Vietnamese lunar calendar: converts a lunar day, month and year to a date.
//!
//! Algorithm of Hồ Ngọc Đức for time zone +07:00 (new moons and solar longitude after Meeus): a month begins on the
//! day of its new moon, the eleventh contains the winter solstice, and in a year of thirteen months the first one
//! without a principal term is the leap month. Tested against the published dates of 2000–2050. There is no cast
//! from floating point: days are found by comparing with integers around an estimate.

use chrono::NaiveDate;
use std::f64::consts::PI;

/// Days from the start of the Julian day numbers to the first day of the common era.
const JULIAN_TO_COMMON: i32 = 1_721_425;
/// Julian day of the new moon number 0, in 1900.
const FIRST_NEW_MOON: i64 = 2_415_021;
/// The mean lunar month, in billionths of a day.
const MONTH: i64 = 29_530_588_853;
const BILLION: i64 = 1_000_000_000;
/// How much later than its Julian day new moon number 0 is, in billionths of a day.
const FIRST_OFFSET: i64 = 76_998_695;
/// Offset of Việt Nam from UTC, as a fraction of a day.
const ZONE: f64 = 7.0 / 24.0;
/// Upper bound of the months searched for a leap month.
const MOST_MONTHS: i64 = 14;

/// Returns the day of a lunar date in one of the first ten months, in the regular month rather than a leap month
/// that repeats it; `None` for dates that cannot be computed or represented.
#[must_use]
pub fn day_of(lunar_year: i32, month: i64, day: i32) -> Option<NaiveDate> {
    let eleventh = eleventh_month(lunar_year.checked_sub(1)?)?;
    let is_leap_year = eleventh_month(lunar_year)? - eleventh > 365;
    let first = number_near(eleventh);
    let mut months = month + 1;
    if is_leap_year && months >= leap_month(first)? {
        months += 1;
    }
    NaiveDate::from_num_days_from_ce_opt(new_moon_day(first + months)? + day - 1 - JULIAN_TO_COMMON)
}

/// Returns the first day of the eleventh month that begins in a solar year; this month contains the winter
/// solstice.
fn eleventh_month(year: i32) -> Option<i32> {
    use chrono::Datelike;
    let last_day = NaiveDate::from_ymd_opt(year, 12, 31)?.num_days_from_ce() + JULIAN_TO_COMMON;
    let number = ((i64::from(last_day) - FIRST_NEW_MOON) * BILLION).div_euclid(MONTH);
    let day = new_moon_day(number)?;
    if solar_term(day)? >= 9 { new_moon_day(number - 1) } else { Some(day) }
}

/// Returns the number of the new moon nearest to a day.
fn number_near(day: i32) -> i64 {
    ((i64::from(day) - FIRST_NEW_MOON) * BILLION - FIRST_OFFSET + MONTH / 2).div_euclid(MONTH)
}

/// Returns which month after the eleventh is the leap month: the first that ends in the principal term in which it
/// began.
fn leap_month(eleventh: i64) -> Option<i64> {
    let mut before = solar_term(new_moon_day(eleventh + 1)?)?;
    for months in 2..MOST_MONTHS {
        let term = solar_term(new_moon_day(eleventh + months)?)?;
        if term == before {
            return Some(months - 1);
        }
        before = term;
    }
    None
}

/// Returns the Julian day of a new moon, in Vietnamese time.
fn new_moon_day(number: i64) -> Option<i32> {
    let estimate = i32::try_from(FIRST_NEW_MOON + (number * MONTH).div_euclid(BILLION)).ok()?;
    whole(new_moon(f64::from(i32::try_from(number).ok()?)) + 0.5 + ZONE, estimate - 2..=estimate + 3)
}

/// Returns in which twelfth of its yearly path the sun is when a day begins in Việt Nam.
fn solar_term(day: i32) -> Option<i32> {
    whole(sun_longitude(f64::from(day) - 0.5 - ZONE) / PI * 6.0, 0..=11)
}

/// Returns the integer part of a number, searched in this range.
fn whole(number: f64, mut among: std::ops::RangeInclusive<i32>) -> Option<i32> {
    among.find(|whole| f64::from(*whole) <= number && number < f64::from(*whole) + 1.0)
}

/// Returns the instant of a new moon as a Julian day, UTC.
fn new_moon(k: f64) -> f64 {
    let t = k / 1236.85;
    let (t2, t3) = (t * t, t * t * t);
    let sin = |degrees: f64| (degrees * PI / 180.0).sin();
    let mean = 2_415_020.759_33 + 29.530_588_68 * k + 0.000_117_8 * t2 - 0.000_000_155 * t3
        + 0.000_33 * sin(166.56 + 132.87 * t - 0.009_173 * t2);
    let sun = 359.2242 + 29.105_356_08 * k - 0.000_033_3 * t2 - 0.000_003_47 * t3;
    let moon = 306.0253 + 385.816_918_06 * k + 0.010_730_6 * t2 + 0.000_012_36 * t3;
    let node = 21.2964 + 390.670_506_46 * k - 0.001_652_8 * t2 - 0.000_002_39 * t3;
    let correction = (0.1734 - 0.000_393 * t) * sin(sun) + 0.0021 * sin(2.0 * sun) - 0.4068 * sin(moon)
        + 0.0161 * sin(2.0 * moon)
        - 0.0004 * sin(3.0 * moon)
        + 0.0104 * sin(2.0 * node)
        - 0.0051 * sin(sun + moon)
        - 0.0074 * sin(sun - moon)
        + 0.0004 * sin(2.0 * node + sun)
        - 0.0004 * sin(2.0 * node - sun)
        - 0.0006 * sin(2.0 * node + moon)
        + 0.0010 * sin(2.0 * node - moon)
        + 0.0005 * sin(2.0 * moon + sun);
    let delay = if t < -11.0 {
        0.001 + 0.000_839 * t + 0.000_226_1 * t2 - 0.000_008_45 * t3 - 0.000_000_081 * t * t3
    } else {
        -0.000_278 + 0.000_265 * t + 0.000_262 * t2
    };
    mean + correction - delay
}

/// Returns the longitude of the sun at a Julian day, in radians between 0 and 2π.
fn sun_longitude(day: f64) -> f64 {
    let t = (day - 2_451_545.0) / 36_525.0;
    let t2 = t * t;
    let sin = |degrees: f64| (degrees * PI / 180.0).sin();
    let anomaly = 357.529_10 + 35_999.050_30 * t - 0.000_155_9 * t2 - 0.000_000_48 * t * t2;
    let mean = 280.466_45 + 36_000.769_83 * t + 0.000_303_2 * t2;
    let centre = (1.914_600 - 0.004_817 * t - 0.000_014 * t2) * sin(anomaly)
        + (0.019_993 - 0.000_101 * t) * sin(2.0 * anomaly)
        + 0.000_290 * sin(3.0 * anomaly);
    ((mean + centre) * PI / 180.0).rem_euclid(2.0 * PI)
}

#[cfg(test)]
mod tests {
    use super::day_of;

    /// 1 tháng Giêng and 10 tháng Ba of 2000–2050 as published (the Vietnamese calendar of the `holidays` package
    /// 0.109).
    const PUBLISHED: [(&str, &str); 51] = [
        ("2000-02-05", "2000-04-14"),
        ("2001-01-24", "2001-04-03"),
        ("2002-02-12", "2002-04-22"),
        ("2003-02-01", "2003-04-11"),
        ("2004-01-22", "2004-04-28"),
        ("2005-02-09", "2005-04-18"),
        ("2006-01-29", "2006-04-07"),
        ("2007-02-17", "2007-04-26"),
        ("2008-02-07", "2008-04-15"),
        ("2009-01-26", "2009-04-04"),
        ("2010-02-14", "2010-04-23"),
        ("2011-02-03", "2011-04-12"),
        ("2012-01-23", "2012-03-31"),
        ("2013-02-10", "2013-04-19"),
        ("2014-01-31", "2014-04-09"),
        ("2015-02-19", "2015-04-28"),
        ("2016-02-08", "2016-04-16"),
        ("2017-01-28", "2017-04-06"),
        ("2018-02-16", "2018-04-25"),
        ("2019-02-05", "2019-04-14"),
        ("2020-01-25", "2020-04-02"),
        ("2021-02-12", "2021-04-21"),
        ("2022-02-01", "2022-04-10"),
        ("2023-01-22", "2023-04-29"),
        ("2024-02-10", "2024-04-18"),
        ("2025-01-29", "2025-04-07"),
        ("2026-02-17", "2026-04-26"),
        ("2027-02-06", "2027-04-16"),
        ("2028-01-26", "2028-04-04"),
        ("2029-02-13", "2029-04-23"),
        ("2030-02-02", "2030-04-12"),
        ("2031-01-23", "2031-04-01"),
        ("2032-02-11", "2032-04-19"),
        ("2033-01-31", "2033-04-09"),
        ("2034-02-19", "2034-04-28"),
        ("2035-02-08", "2035-04-17"),
        ("2036-01-28", "2036-04-06"),
        ("2037-02-15", "2037-04-24"),
        ("2038-02-04", "2038-04-13"),
        ("2039-01-24", "2039-04-03"),
        ("2040-02-12", "2040-04-20"),
        ("2041-02-01", "2041-04-10"),
        ("2042-01-22", "2042-04-29"),
        ("2043-02-10", "2043-04-19"),
        ("2044-01-30", "2044-04-07"),
        ("2045-02-17", "2045-04-26"),
        ("2046-02-06", "2046-04-15"),
        ("2047-01-26", "2047-04-04"),
        ("2048-02-14", "2048-04-22"),
        ("2049-02-02", "2049-04-11"),
        ("2050-01-23", "2050-04-01"),
    ];

    #[test]
    fn new_year_and_the_day_of_the_kings_fall_on_the_published_days() {
        for (year, (new_year, kings)) in (2000..).zip(PUBLISHED) {
            assert_eq!(day_of(year, 1, 1), new_year.parse().ok(), "{year}");
            assert_eq!(day_of(year, 3, 10), kings.parse().ok(), "{year}");
        }
    }

    #[test]
    fn every_year_that_the_rules_know_has_its_days() {
        for year in 1900..=2199 {
            let new_year = day_of(year, 1, 1).unwrap();
            let (first, last) = (format!("{year}-01-20").parse().unwrap(), format!("{year}-02-22").parse().unwrap());
            assert!((first..=last).contains(&new_year), "{new_year}");
            assert!((67..=98).contains(&(day_of(year, 3, 10).unwrap() - new_year).num_days()), "{year}");
        }
    }
}
