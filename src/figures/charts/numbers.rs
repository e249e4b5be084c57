//! Formats numbers and dates for readers: 3.434, 92,34 % and 31/12/2023 in Vietnamese; 3,434, 92.34% and 31 December
//! 2023 in English.

use crate::figures::rules::FigureValue;
use crate::figures::rules::figures::Hundredths;
use crate::figures::statistics::labels::MeasureUnit;
use crate::kernel::{Instant, Lang};
use chrono::NaiveDate;

/// Shown when there is no value.
pub const NONE: &str = "–";

/// Formats an integer with thousands separators.
#[must_use]
pub fn count(number: i64, lang: Lang) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut written = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push_str(lang.pick(".", ","));
        }
        written.push(digit);
    }
    if number < 0 { format!("-{written}") } else { written }
}

/// Formats a number with two decimals.
#[must_use]
pub fn decimal(number: Hundredths, lang: Lang) -> String {
    let sign = if number.0 < 0 { "-" } else { "" };
    let size = number.0.unsigned_abs();
    let whole = i64::try_from(size / 100).unwrap_or(i64::MAX);
    format!("{sign}{}{}{:02}", count(whole, lang), lang.pick(",", "."), size % 100)
}

/// Formats a figure without its unit.
#[must_use]
pub fn bare(value: Option<FigureValue>, lang: Lang) -> String {
    match value {
        Some(FigureValue::Count(number)) => count(number, lang),
        Some(FigureValue::Decimal(Some(number))) => decimal(number, lang),
        _ => NONE.to_owned(),
    }
}

/// Formats a figure with its unit, unless the number alone is clear.
#[must_use]
pub fn with_unit(value: Option<FigureValue>, unit: MeasureUnit, lang: Lang) -> String {
    let number = bare(value, lang);
    match unit {
        _ if number == NONE => number,
        MeasureUnit::Percent => percent(&number, lang),
        MeasureUnit::Days => format!("{number}\u{A0}{}", lang.pick("ngày", "days")),
        MeasureUnit::Score => format!("{number}\u{A0}{}", lang.pick("điểm", "points")),
        MeasureUnit::Petitions | MeasureUnit::Times => number,
    }
}

/// Formats a fraction as a percentage.
#[must_use]
pub fn share(part: i64, whole: i64, lang: Lang) -> String {
    let share = Hundredths::of(100 * i128::from(part), i128::from(whole));
    share.map_or(NONE.to_owned(), |share| percent(&decimal(share, lang), lang))
}

fn percent(number: &str, lang: Lang) -> String {
    format!("{number}{}", lang.pick("\u{A0}%", "%"))
}

/// Formats a date.
#[must_use]
pub fn day(day: NaiveDate, lang: Lang) -> String {
    day.format(lang.pick("%d/%m/%Y", "%-d %B %Y")).to_string()
}

/// Formats an instant, to the minute.
#[must_use]
pub fn moment(instant: Instant, lang: Lang) -> String {
    let local = instant.local();
    format!("{}{}{}", local.format("%H:%M"), lang.pick(" ngày ", " on "), day(local.date(), lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_and_decimals_are_those_of_the_language() {
        for (number, vi, en) in
            [(0, "0", "0"), (999, "999", "999"), (3434, "3.434", "3,434"), (-1_234_567, "-1.234.567", "-1,234,567")]
        {
            assert_eq!((count(number, Lang::Vi).as_str(), count(number, Lang::En).as_str()), (vi, en));
        }
        let rate = Some(FigureValue::Decimal(Some(Hundredths(9234))));
        assert_eq!(with_unit(rate, MeasureUnit::Percent, Lang::Vi), "92,34\u{A0}%");
        assert_eq!(with_unit(rate, MeasureUnit::Percent, Lang::En), "92.34%");
        assert_eq!(decimal(Hundredths(-5), Lang::Vi), "-0,05");
        assert_eq!(with_unit(Some(FigureValue::Decimal(None)), MeasureUnit::Percent, Lang::Vi), NONE);
    }
}
