//! Trend chart: figures over time, one panel per measure.
//!
//! At most three measures, so that the chart fits a phone. Steps that begin after the cut-off have no figures yet and
//! are gaps.

use super::frame::{ChartFrame, no_figures};
use super::numbers;
use super::plot::{AxisScale, DataPoint, panel};
use super::scope;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::figures::rules::FigureValue;
use crate::figures::rules::measure::Measure;
use crate::figures::rules::period::TrendStep;
use crate::figures::statistics::answer::{Point, Trend};
use crate::figures::statistics::labels::{self, MeasureUnit};
use crate::figures::statistics::{self, TrendParams, names};
use crate::kernel::Lang;
use crate::kernel::field_problem::FieldRule;
use chrono::Datelike;

const USUAL: &str = "received,handled,handling_rate";
const MOST_MEASURES: usize = 3;
/// Above this number of steps, the text description gives only the maximum, minimum and last value.
const MOST_TOLD: usize = 62;

/// Adds the default measures of a chart when none are given.
#[must_use]
pub fn trend_words(mut asked: TrendParams) -> TrendParams {
    asked.measures.get_or_insert_with(|| USUAL.to_owned());
    asked
}

/// Draws a trend.
///
/// # Errors
/// As for the trend query; more than three measures and measures that are not a single number are also invalid.
pub async fn trend(app: &App, asked: TrendParams, lang: Lang) -> Result<String, ServiceError> {
    let asked = trend_words(asked);
    let narrowed = statistics::filter_text(app, &asked.words, lang).await?;
    let step = asked.step.as_deref().and_then(|word| word.parse().ok()).unwrap_or(TrendStep::Month);
    let trend = statistics::trend(app, asked).await?;
    let measures: Vec<Measure> = trend.total.0.iter().map(|(measure, _)| *measure).collect();
    check(&measures)?;
    let panels: Vec<(Measure, Vec<DataPoint>)> =
        measures.iter().map(|measure| (*measure, dots(&trend, *measure, step, lang))).collect();
    let is_empty = panels.iter().all(|(_, dots)| dots.iter().all(|dot| dot.value.is_none_or(|value| value == 0)));
    let mut units: Vec<&str> = Vec::new();
    for unit in measures.iter().map(|measure| labels::unit(*measure).name(lang)) {
        if !units.contains(&unit) {
            units.push(unit);
        }
    }
    let mut telling = scope::chart_text(heading(&measures, step, lang), &trend.period, narrowed, &units.join("; "), lang);
    telling.figures = if is_empty {
        vec![format!("{}.", no_figures(lang))]
    } else {
        panels.iter().map(|(measure, dots)| told(&trend, *measure, dots, lang)).collect()
    };
    let mut frame = ChartFrame::new("trend", telling, lang);
    if is_empty {
        frame.nothing();
        return Ok(frame.finish());
    }
    for (measure, dots) in &panels {
        frame.bottom += 4.0;
        frame.subheading(&whole(&trend, *measure, lang));
        panel(&mut frame, dots, &scale(*measure, dots, lang));
    }
    Ok(frame.finish())
}

fn check(measures: &[Measure]) -> Result<(), ServiceError> {
    if measures.iter().any(|measure| !measure.is_one_number()) {
        let others = Measure::ALL.iter().filter(|measure| measure.is_one_number()).map(ToString::to_string).collect();
        return Err(ServiceError::invalid("measures", FieldRule::OneOf(others)));
    }
    if measures.len() > MOST_MEASURES {
        let most = MOST_MEASURES.to_string();
        return Err(ServiceError::invalid("measures", FieldRule::Between("1".to_owned(), most)));
    }
    Ok(())
}

fn heading(measures: &[Measure], step: TrendStep, lang: Lang) -> String {
    let by = match step {
        TrendStep::Day => lang.pick("ngày", "day"),
        TrendStep::Week => lang.pick("tuần", "week"),
        TrendStep::Month => lang.pick("tháng", "month"),
        TrendStep::Quarter => lang.pick("quý", "quarter"),
        TrendStep::Year => lang.pick("năm", "year"),
    };
    let names: Vec<String> = measures.iter().map(|measure| labels::measure(*measure, lang).to_lowercase()).collect();
    let mut written = format!("{} {} {by}", names.join(", "), lang.pick("theo", "by"));
    if let Some(first) = names.first().and_then(|name| name.chars().next()) {
        written.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
    }
    written
}

/// A measure with its value for the whole period.
fn whole(trend: &Trend, measure: Measure, lang: Lang) -> String {
    let figure = numbers::with_unit(trend.total.get(measure), labels::unit(measure), lang);
    format!("{} ({} {figure})", labels::measure(measure, lang), lang.pick("cả kỳ:", "whole period:"))
}

fn dots(trend: &Trend, measure: Measure, step: TrendStep, lang: Lang) -> Vec<DataPoint> {
    let is_one_year = trend.period.from.year() == trend.period.to.year();
    let cut_off = trend.period.as_of.local_date();
    let dot = |point: &Point| {
        let value = point.figures.get(measure).filter(|_| point.from <= cut_off);
        let (label, name) = step_names(point, step, is_one_year, lang);
        DataPoint {
            label,
            title: format!("{name}: {}", numbers::with_unit(value, labels::unit(measure), lang)),
            value: value.and_then(FigureValue::as_number),
            written: numbers::bare(value, lang),
        }
    };
    trend.points.iter().map(dot).collect()
}

/// The short and the full name of a step.
fn step_names(point: &Point, step: TrendStep, is_one_year: bool, lang: Lang) -> (String, String) {
    let day = point.from;
    match step {
        TrendStep::Day => (day.format(lang.pick("%d/%m", "%-d %b")).to_string(), numbers::day(day, lang)),
        TrendStep::Week => {
            let (year, week) = (day.iso_week().year(), day.iso_week().week());
            let word = lang.pick("Tuần", "Week");
            (format!("{word} {week}"), format!("{word} {week}/{year}"))
        }
        TrendStep::Month => {
            let short = if is_one_year { lang.pick("T%-m", "%b") } else { lang.pick("T%-m/%y", "%b %y") };
            (day.format(short).to_string(), names::of_month(day, lang))
        }
        TrendStep::Quarter => {
            let quarter = day.month0() / 3 + 1;
            (format!("Q{quarter}/{}", day.format("%y")), format!("{} {quarter}/{}", lang.pick("Quý", "Quarter"), day.year()))
        }
        TrendStep::Year => (day.year().to_string(), format!("{}{}", lang.pick("Năm ", ""), day.year())),
    }
}

fn told(trend: &Trend, measure: Measure, dots: &[DataPoint], lang: Lang) -> String {
    let mut said = whole(trend, measure, lang);
    let valued = || dots.iter().filter(|dot| dot.value.is_some());
    if dots.len() <= MOST_TOLD {
        let each: Vec<&str> = dots.iter().map(|dot| dot.title.as_str()).collect();
        said.push_str(&format!(": {}.", each.join("; ")));
        return said;
    }
    let (most, least) = (valued().rev().max_by_key(|dot| dot.value), valued().min_by_key(|dot| dot.value));
    for (name, dot) in [
        (lang.pick("cao nhất", "greatest"), most),
        (lang.pick("thấp nhất", "least"), least),
        (lang.pick("cuối cùng", "last"), valued().next_back()),
    ] {
        said.extend(dot.map(|dot| format!("; {name}: {}", dot.title)));
    }
    said.push('.');
    said
}

/// Returns grid lines at round numbers: at most five, besides zero.
fn scale(measure: Measure, dots: &[DataPoint], lang: Lang) -> AxisScale {
    let unit = labels::unit(measure);
    let is_decimal = !matches!(unit, MeasureUnit::Petitions | MeasureUnit::Times);
    let one = if is_decimal { 100 } else { 1 };
    let most = dots.iter().filter_map(|dot| dot.value).max().unwrap_or_default();
    let (step, top) = match unit {
        MeasureUnit::Percent => (25 * one, 100 * one),
        MeasureUnit::Score => (one, 5 * one),
        _ => {
            let step = round_step(most / one + i64::from(most % one > 0)) * one;
            (step, (most / step + i64::from(most % step > 0)).max(1) * step)
        }
    };
    (0..=top / step).map(|line| (line * step, numbers::count(line * step / one, lang))).collect()
}

/// Returns the smallest of 1, 2, 5, 10, 20, 50 … of which four steps reach the top.
fn round_step(top: i64) -> i64 {
    let mut ten: i64 = 1;
    loop {
        for step in [1, 2, 5].map(|digit| ten.saturating_mul(digit)) {
            if step.saturating_mul(4) >= top {
                return step;
            }
        }
        ten = ten.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::round_step;

    #[test]
    fn four_round_steps_reach_the_top() {
        for (top, step) in [(0, 1), (4, 1), (5, 2), (20, 5), (21, 10), (3434, 1000)] {
            assert_eq!(round_step(top), step, "{top}");
        }
    }
}
