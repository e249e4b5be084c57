//! The frame around every chart: a white sheet 360 units wide with heading, scope, notes, and a text description for
//! screen readers.
//!
//! The SVG loads no external resources and contains no scripts. Text is at least 11 units high. Areas are distinguished
//! by dark, light and hatched fills, never by colour alone.

use super::text_metrics;
use crate::kernel::Lang;
use svg::node::Node;
use svg::node::element::{Definitions, Description, Group, Line, Pattern, Rectangle, SVG, Text, Title};

/// The width of a chart in SVG units.
pub const WIDTH: f64 = 360.0;
/// The margin on both sides.
pub const MARGIN: f64 = 12.0;
/// The width between the margins.
pub const ROOM: f64 = WIDTH - 2.0 * MARGIN;
/// The normal font size.
pub const SIZE: f64 = 12.0;
/// The smallest font size.
pub const SMALL: f64 = 11.0;
/// Text and outlines.
pub const INK: &str = "#1a1a1a";
/// Secondary text.
pub const FAINT: &str = "#4a4a4a";
/// Dark fill, for the main value.
pub const DARK: &str = "#1f4e79";
/// Light fill.
pub const LIGHT: &str = "#c3d5e8";

const HEADING: f64 = 15.0;

/// The texts of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChartText {
    pub heading: String,
    /// The date and the filter.
    pub scope: Vec<String>,
    /// Every drawn value, as text.
    pub figures: Vec<String>,
    /// Units, cut-off, rule version.
    pub notes: Vec<String>,
}

/// The fill of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FillStyle {
    Dark,
    /// With a dark border.
    Light,
    Hatched,
}

/// A chart, drawn from top to bottom.
#[derive(Debug)]
pub struct ChartFrame {
    pub lang: Lang,
    /// The y position below the last drawn element.
    pub bottom: f64,
    kind: &'static str,
    telling: ChartText,
    drawn: Group,
}

impl ChartFrame {
    /// Creates a sheet with its heading. `kind` keeps element IDs unique among several charts on one page.
    #[must_use]
    pub fn new(kind: &'static str, telling: ChartText, lang: Lang) -> Self {
        let mut frame = Self { lang, bottom: 6.0, kind, telling: ChartText::default(), drawn: Group::new() };
        for line in text_metrics::lines(&telling.heading, HEADING * 1.06, ROOM) {
            frame.bottom += 19.0;
            frame.draw(words(&line, MARGIN, frame.bottom - 3.0, HEADING).set("font-weight", "bold"));
        }
        for scope in &telling.scope {
            frame.line(scope, SIZE);
        }
        frame.bottom += 6.0;
        frame.telling = telling;
        frame
    }

    /// Adds an element at its own position.
    pub fn draw(&mut self, node: impl Into<Box<dyn Node>>) {
        self.drawn.append(node);
    }

    /// Adds wrapped text below everything drawn so far.
    pub fn line(&mut self, said: &str, size: f64) {
        for line in text_metrics::lines(said, size, ROOM) {
            self.bottom += size + 4.0;
            self.draw(words(&line, MARGIN, self.bottom - 3.0, size).set("fill", FAINT));
        }
    }

    /// Adds a subheading.
    pub fn subheading(&mut self, said: &str) {
        for line in text_metrics::lines(said, SIZE * 1.08, ROOM) {
            self.bottom += SIZE + 4.0;
            self.draw(words(&line, MARGIN, self.bottom - 3.0, SIZE).set("font-weight", "bold"));
        }
        self.bottom += 3.0;
    }

    /// Returns a rectangle with a fill style.
    pub fn area(&self, look: FillStyle, x: f64, y: f64, width: f64, height: f64) -> Rectangle {
        let area = Rectangle::new().set("x", at(x)).set("y", at(y)).set("width", at(width)).set("height", at(height));
        match look {
            FillStyle::Dark => area.set("fill", DARK),
            FillStyle::Light => area.set("fill", LIGHT).set("stroke", DARK).set("stroke-width", "0.8"),
            FillStyle::Hatched => {
                area.set("fill", format!("url(#pakn-{}-hatch)", self.kind)).set("stroke", DARK).set("stroke-width", "0.8")
            }
        }
    }

    /// Adds a legend of the fill styles.
    pub fn legend(&mut self, meanings: &[(FillStyle, &str)]) {
        let mut x = MARGIN;
        self.bottom += 18.0;
        for (look, meaning) in meanings {
            let taken = 17.0 + text_metrics::width(meaning, SMALL) + 12.0;
            if x > MARGIN && x + taken > WIDTH {
                x = MARGIN;
                self.bottom += 17.0;
            }
            let y = self.bottom;
            self.draw(self.area(*look, x, y - 13.0, 12.0, 11.0));
            self.draw(words(meaning, x + 17.0, y - 3.5, SMALL));
            x += taken;
        }
        self.bottom += 5.0;
    }

    /// Adds the "no figures" text.
    pub fn nothing(&mut self) {
        let said = no_figures(self.lang);
        let (top, middle) = (self.bottom + 4.0, WIDTH / 2.0);
        let edge = Rectangle::new().set("x", at(MARGIN)).set("y", at(top)).set("width", at(ROOM)).set("height", 72);
        self.draw(edge.set("fill", "none").set("stroke", FAINT).set("stroke-dasharray", "4 3"));
        self.draw(words(said, middle, top + 41.0, 14.0).set("text-anchor", "middle"));
        self.bottom = top + 78.0;
    }

    /// Returns the finished SVG.
    #[must_use]
    pub fn finish(mut self) -> String {
        let ChartText { heading, scope, figures, notes } = std::mem::take(&mut self.telling);
        self.bottom += 6.0;
        let rule = Line::new().set("x1", at(MARGIN)).set("x2", at(WIDTH - MARGIN)).set("y1", at(self.bottom));
        let rule = rule.set("y2", at(self.bottom)).set("stroke", "#8a8a8a").set("stroke-width", "0.6");
        self.draw(rule);
        self.bottom += 2.0;
        for note in &notes {
            self.line(note, SMALL);
        }
        let height = at(self.bottom + 8.0);
        let (title, description) = (format!("pakn-{}-title", self.kind), format!("pakn-{}-desc", self.kind));
        let name = text_metrics::clean(&std::iter::once(heading).chain(scope.first().cloned()).collect::<Vec<_>>().join(". "));
        let told: Vec<String> = scope.into_iter().skip(1).chain(figures).chain(notes).collect();
        let sheet = Rectangle::new().set("width", at(WIDTH)).set("height", height.as_str()).set("fill", "#ffffff");
        SVG::new()
            .set("viewBox", format!("0 0 {WIDTH} {height}"))
            .set("width", "100%")
            .set("role", "img")
            .set("xml:lang", self.lang.pick("vi", "en"))
            .set("aria-labelledby", format!("{title} {description}"))
            .set("font-family", "sans-serif")
            .set("fill", INK)
            .add(Title::new(name).set("id", title))
            .add(Description::new().set("id", description).add(svg::node::Text::new(text_metrics::clean(&told.join(" ")))))
            .add(Definitions::new().add(hatch(self.kind)))
            .add(sheet)
            .add(self.drawn)
            .to_string()
    }
}

/// Returns the text shown when nothing was counted.
#[must_use]
pub const fn no_figures(lang: Lang) -> &'static str {
    lang.pick("Không có số liệu", "No figures")
}

/// Returns a text element at a position.
#[must_use]
pub fn words(said: &str, x: f64, y: f64, size: f64) -> Text {
    Text::new(text_metrics::clean(said)).set("x", at(x)).set("y", at(y)).set("font-size", at(size))
}

/// Formats a coordinate or size with one decimal.
#[must_use]
pub fn at(number: f64) -> String {
    let written = format!("{number:.1}");
    written.strip_suffix(".0").map(str::to_owned).unwrap_or(written)
}

fn hatch(kind: &str) -> Pattern {
    let stripe = Line::new().set("x1", 0).set("y1", 0).set("x2", 0).set("y2", 5).set("stroke", DARK).set("stroke-width", 3);
    Pattern::new()
        .set("id", format!("pakn-{kind}-hatch"))
        .set("width", 5)
        .set("height", 5)
        .set("patternUnits", "userSpaceOnUse")
        .set("patternTransform", "rotate(45)")
        .add(Rectangle::new().set("width", 5).set("height", 5).set("fill", "#ffffff"))
        .add(stripe)
}
