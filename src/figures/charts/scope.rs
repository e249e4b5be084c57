//! Texts around the figures of a period: dates, filter, unit, cut-off.

use super::frame::ChartText;
use super::numbers;
use crate::figures::statistics::answer::PeriodStatement;
use crate::kernel::Lang;

/// Returns the texts around the figures of a period.
#[must_use]
pub fn chart_text(heading: String, period: &PeriodStatement, narrowed: Vec<String>, unit: &str, lang: Lang) -> ChartText {
    let (from, to) = (numbers::day(period.from, lang), numbers::day(period.to, lang));
    let days = match lang {
        Lang::Vi => format!("Từ ngày {from} đến ngày {to}."),
        Lang::En => format!("From {from} to {to}."),
    };
    let at = numbers::moment(period.as_of, lang);
    let counted = match lang {
        Lang::Vi => format!("Số liệu chốt lúc {at}; quy tắc tính {}.", period.rule_version),
        Lang::En => format!("As of {at}; rules of counting {}.", period.rule_version),
    };
    let mut scope = vec![days];
    scope.extend(narrowed);
    ChartText { heading, scope, figures: Vec::new(), notes: vec![unit_line(unit, lang), counted] }
}

/// Returns the unit as a note.
#[must_use]
pub fn unit_line(unit: &str, lang: Lang) -> String {
    format!("{}: {unit}.", lang.pick("Đơn vị tính", "Unit"))
}
