//! Horizontal bars: takes names, sizes and formatted values; returns chart rows. Short names are placed beside their
//! bars, longer ones above them so that bars have room on a phone; names that are still too long are wrapped.

use super::frame::{ChartFrame, FillStyle, MARGIN, ROOM, SIZE, WIDTH, at, words};
use super::text_metrics::{clean, lines, width};
use svg::node::element::{Group, Line, Title};

/// The maximum width of names beside their bars.
const BESIDE: f64 = 88.0;

/// Line height of a name.
const LINE: f64 = 15.0;

/// One row of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartBar {
    /// The rank before the name; empty without ranking.
    pub rank: String,
    pub name: String,
    /// Segments from left to right.
    pub parts: Vec<(FillStyle, i64)>,
    /// The text at the end of the bar.
    pub value: String,
}

/// Draws the rows; a value of `full` fills the available width.
pub fn bars(frame: &mut ChartFrame, rows: &[ChartBar], full: i64) {
    let widest = |of: &dyn Fn(&ChartBar) -> f64| rows.iter().map(of).fold(0.0, f64::max);
    let rank = widest(&|row| width(&row.rank, SIZE));
    let name = widest(&|row| width(&row.name, SIZE));
    let value = widest(&|row| width(&row.value, SIZE));
    let indent = if rank > 0.0 { rank + 8.0 } else { 0.0 };
    let is_beside = indent == 0.0 && name <= BESIDE;
    let left = MARGIN + indent + if is_beside { name + 8.0 } else { 0.0 };
    let longest = (WIDTH - MARGIN - left - value - 8.0).max(40.0);
    for row in rows {
        let names = if is_beside { vec![row.name.clone()] } else { lines(&row.name, SIZE, ROOM - indent) };
        let top = frame.bottom;
        let more = LINE * (1..names.len()).fold(0.0, |lines, _| lines + 1.0);
        let (name_at, bar_at, next) =
            if is_beside { (top + 15.0, top + 3.0, top + 23.0) } else { (top + 13.0, top + 18.0 + more, top + 39.0 + more) };
        let mut drawn = Group::new().add(Title::new(clean(&format!("{} {}: {}", row.rank, row.name, row.value)).trim()));
        if !row.rank.is_empty() {
            drawn =
                drawn.add(words(&row.rank, MARGIN + rank, name_at, SIZE).set("text-anchor", "end").set("font-weight", "bold"));
        }
        let mut line_at = name_at;
        for line in &names {
            drawn = drawn.add(words(line, MARGIN + indent, line_at, SIZE));
            line_at += LINE;
        }
        let mut x = left;
        for (look, size) in row.parts.iter().filter(|(_, size)| *size > 0) {
            let length = (scaled(*size, full) * longest).max(1.0);
            drawn = drawn.add(frame.area(*look, x, bar_at, length, 15.0));
            x += length;
        }
        drawn = drawn.add(words(&row.value, x + 6.0, bar_at + 12.0, SIZE));
        let foot = Line::new().set("x1", at(left)).set("x2", at(left)).set("y1", at(bar_at - 2.0)).set("y2", at(bar_at + 17.0));
        frame.draw(drawn.add(foot.set("stroke", super::frame::INK).set("stroke-width", 1)));
        frame.bottom = next;
    }
}

/// Returns `part / whole`, clamped to 0–1.
#[must_use]
pub fn scaled(part: i64, whole: i64) -> f64 {
    let fine = i128::from(part.max(0)) * 1_000_000 / i128::from(whole.max(1));
    f64::from(i32::try_from(fine).unwrap_or(i32::MAX)).min(1_000_000.0) / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn a_part_is_never_longer_than_the_whole() {
        for (part, whole, share) in [(1, 4, 0.25), (0, 0, 0.0), (5, 0, 1.0), (-3, 9, 0.0), (i64::MAX, 1, 1.0)] {
            assert!((scaled(part, whole) - share).abs() < 1e-9, "{part} of {whole}");
        }
    }
}
