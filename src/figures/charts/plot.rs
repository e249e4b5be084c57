//! One panel of a trend chart: takes values over time; returns a line with a scale and value labels.
//!
//! The scale starts at zero. A missing value is a gap, not a zero. Labels are placed for the last, the greatest and the
//! smallest value first, then for the others where they do not overlap.

use super::bars::scaled;
use super::frame::{ChartFrame, DARK, FAINT, INK, MARGIN, SMALL, WIDTH, at, words};
use super::text_metrics::{clean, width};
use svg::node::element::{Circle, Group, Line, Path, Title};

const HEIGHT: f64 = 118.0;
/// Above this number of values, labels would hide the line; only the most important ones are labelled.
const MOST_WRITTEN: usize = 24;
/// Above this number of values, dots would overlap and are omitted.
const MOST_DOTS: usize = 62;

/// One value on the time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPoint {
    /// Short label below the axis.
    pub label: String,
    /// Full name with the value, as a tooltip.
    pub title: String,
    /// `None` for a gap.
    pub value: Option<i64>,
    /// The formatted value.
    pub written: String,
}

/// The grid lines from zero to the top, each as a number and as text.
pub type AxisScale = Vec<(i64, String)>;

#[derive(Debug, Clone, Copy)]
struct PlotPoint {
    x: f64,
    y: f64,
}

/// A rectangle already covered: left, top, right, bottom.
type CoveredArea = (f64, f64, f64, f64);

/// Draws a panel below everything drawn so far.
pub fn panel(frame: &mut ChartFrame, dots: &[DataPoint], scale: &AxisScale) {
    let top = frame.bottom + 16.0;
    let base = top + HEIGHT;
    let widest = scale.iter().map(|(_, written)| width(written, SMALL)).fold(0.0, f64::max);
    let (left, right) = (MARGIN + widest + 6.0, WIDTH - MARGIN);
    let full = scale.last().map_or(1, |(most, _)| *most);
    let height_of = |value: i64| base - scaled(value, full) * HEIGHT;
    for (value, written) in scale {
        let y = height_of(*value);
        let grid = Line::new().set("x1", at(left)).set("x2", at(right)).set("y1", at(y)).set("y2", at(y));
        frame.draw(grid.set("stroke", if *value == 0 { INK } else { "#c9c9c9" }).set("stroke-width", 1));
        frame.draw(words(written, left - 5.0, y + 4.0, SMALL).set("text-anchor", "end").set("fill", FAINT));
    }
    let xs = across(dots.len(), left + 12.0, right - 12.0);
    let places: Vec<Option<PlotPoint>> =
        dots.iter().zip(&xs).map(|(dot, x)| dot.value.map(|value| PlotPoint { x: *x, y: height_of(value) })).collect();
    frame.draw(Path::new().set("d", stroke(&places)).set("fill", "none").set("stroke", DARK).set("stroke-width", 2));
    draw_dots(frame, dots, &places);
    write_values(frame, dots, &places, (left, right, top, base));
    write_labels(frame, dots, &xs, base + 15.0);
    frame.bottom = base + 24.0;
}

/// Returns evenly spaced x positions.
fn across(count: usize, left: f64, right: f64) -> Vec<f64> {
    let last = count.saturating_sub(1);
    let share = |place: usize| scaled(i64::try_from(place).unwrap_or_default(), i64::try_from(last).unwrap_or(i64::MAX));
    let spread = |place| if last == 0 { f64::midpoint(left, right) } else { left + share(place) * (right - left) };
    (0..count).map(spread).collect()
}

/// Returns the path of a line that is interrupted at gaps.
fn stroke(places: &[Option<PlotPoint>]) -> String {
    let mut drawn = String::new();
    let mut is_down = false;
    for place in places {
        if let Some(PlotPoint { x, y }) = place {
            drawn.push_str(&format!("{}{} {}", if is_down { "L" } else { "M" }, at(*x), at(*y)));
        }
        is_down = place.is_some();
    }
    // An empty path is invalid SVG.
    if drawn.is_empty() { "M0 0".to_owned() } else { drawn }
}

fn draw_dots(frame: &mut ChartFrame, dots: &[DataPoint], places: &[Option<PlotPoint>]) {
    let is_there = |place: Option<usize>| place.and_then(|place| places.get(place)).is_some_and(Option::is_some);
    for (number, (dot, place)) in dots.iter().zip(places).enumerate() {
        let is_alone = !is_there(number.checked_sub(1)) && !is_there(number.checked_add(1));
        let Some(PlotPoint { x, y }) = place.filter(|_| is_alone || dots.len() <= MOST_DOTS) else { continue };
        let radius = if dots.len() > 31 { 1.8 } else { 2.8 };
        let circle = Circle::new().set("cx", at(x)).set("cy", at(y)).set("r", at(radius)).set("fill", DARK);
        frame.draw(Group::new().add(Title::new(clean(&dot.title))).add(circle));
    }
}

/// Returns the indexes of the values by importance; with very many values only the first three.
fn by_weight(dots: &[DataPoint]) -> Vec<usize> {
    let valued = || dots.iter().enumerate().filter_map(|(place, dot)| dot.value.map(|value| (value, place)));
    let mut order: Vec<usize> = Vec::new();
    let last = valued().next_back().map(|(_, place)| place);
    let most = valued().max_by_key(|(value, place)| (*value, std::cmp::Reverse(*place))).map(|(_, place)| place);
    let least = valued().min_by_key(|(value, place)| (*value, *place)).map(|(_, place)| place);
    let others = valued().map(|(_, place)| place).filter(|_| dots.len() <= MOST_WRITTEN);
    for place in [last, most, least].into_iter().flatten().chain(others) {
        if !order.contains(&place) {
            order.push(place);
        }
    }
    order
}

fn write_values(frame: &mut ChartFrame, dots: &[DataPoint], places: &[Option<PlotPoint>], (left, right, top, base): CoveredArea) {
    let mut covered: Vec<CoveredArea> = Vec::new();
    for number in by_weight(dots) {
        let (Some(dot), Some(Some(place))) = (dots.get(number), places.get(number)) else { continue };
        let half = width(&dot.written, SMALL) / 2.0;
        let x = place.x.clamp(left + half, (right + 4.0 - half).max(left + half));
        for y in [place.y - 6.0, place.y + 15.0] {
            let wanted = (x - half - 2.0, y - 10.0, x + half + 2.0, y + 3.0);
            let is_inside = wanted.1 >= top - 16.0 && wanted.3 <= base;
            let is_dot_below = places.iter().flatten().any(|other| covers(wanted, (other.x, other.y, other.x, other.y)));
            if is_inside && !is_dot_below && !covered.iter().any(|other| covers(wanted, *other)) {
                covered.push(wanted);
                let halo = words(&dot.written, x, y, SMALL).set("text-anchor", "middle").set("stroke", "#ffffff");
                let halo = halo.set("stroke-width", 3).set("stroke-linejoin", "round").set("paint-order", "stroke");
                frame.draw(halo);
                break;
            }
        }
    }
}

fn covers(a: CoveredArea, b: CoveredArea) -> bool {
    a.0 <= b.2 && b.0 <= a.2 && a.1 <= b.3 && b.1 <= a.3
}

/// Writes as many step labels as fit side by side.
fn write_labels(frame: &mut ChartFrame, dots: &[DataPoint], xs: &[f64], y: f64) {
    let widest = dots.iter().map(|dot| width(&dot.label, SMALL)).fold(0.0, f64::max);
    let apart = |step: &usize| xs.first().zip(xs.get(*step)).is_none_or(|(first, next)| next - first >= widest + 3.0);
    let step = (1..=dots.len()).find(apart).unwrap_or(1);
    for (dot, x) in dots.iter().zip(xs).step_by(step) {
        let half = width(&dot.label, SMALL) / 2.0;
        let middle = x.clamp(half, WIDTH - half);
        frame.draw(words(&dot.label, middle, y, SMALL).set("text-anchor", "middle"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(x: f64) -> Option<PlotPoint> {
        Some(PlotPoint { x, y: 1.0 })
    }

    #[test]
    fn a_missing_value_breaks_the_line() {
        assert_eq!(stroke(&[place(1.0), place(2.0), None, place(4.0)]), "M1 1L2 1M4 1");
        assert_eq!(stroke(&[None, None]), "M0 0");
    }

    #[test]
    fn the_last_the_greatest_and_the_least_come_first() {
        let dot = |value| DataPoint { label: String::new(), title: String::new(), value, written: String::new() };
        let dots: Vec<DataPoint> = [Some(3), Some(9), None, Some(1), Some(9), Some(4)].map(dot).into();
        assert_eq!(by_weight(&dots), [5, 1, 3, 0, 4]);
        let many: Vec<DataPoint> = (0..30).map(|value| dot(Some(value))).collect();
        assert_eq!(by_weight(&many), [29, 0]);
    }

    #[test]
    fn a_single_step_stands_in_the_middle() {
        assert_eq!(across(1, 0.0, 10.0), [5.0]);
        assert_eq!(across(3, 0.0, 10.0), [0.0, 5.0, 10.0]);
        assert!(across(0, 0.0, 10.0).is_empty());
    }
}
