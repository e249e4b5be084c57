//! What every chart has around its drawing: a white sheet 360 units wide, heading, scope, notes, and the same in words for those
//! who do not see it.
//!
//! Rules: nothing is loaded from elsewhere and nothing runs; no letter is smaller than 11 units; light, dark and hatched areas tell
//! things apart, and colour alone never does.

use super::text_metrics;
use crate::kernel::Lang;
use svg::node::Node;
use svg::node::element::{Definitions, Description, Group, Line, Pattern, Rectangle, SVG, Text, Title};

/// The width of a chart.
pub const WIDTH: f64 = 360.0;
/// What stays free at both sides.
pub const MARGIN: f64 = 12.0;
/// The width between the margins.
pub const ROOM: f64 = WIDTH - 2.0 * MARGIN;
/// The size of usual letters.
pub const SIZE: f64 = 12.0;
/// The size of the smallest letters.
pub const SMALL: f64 = 11.0;
/// Letters and dark areas.
pub const INK: &str = "#1a1a1a";
/// Lesser words.
pub const FAINT: &str = "#4a4a4a";
/// Dark areas: the main thing.
pub const DARK: &str = "#1f4e79";
/// Light areas.
pub const LIGHT: &str = "#c3d5e8";

const HEADING: f64 = 15.0;

/// What a chart says in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChartText {
    /// What is shown.
    pub heading: String,
    /// Of when, and of which petitions.
    pub scope: Vec<String>,
    /// Every figure that is drawn.
    pub figures: Vec<String>,
    /// Units, the cut-off, the rules.
    pub notes: Vec<String>,
}

/// How an area looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FillStyle {
    /// Full.
    Dark,
    /// With a dark border.
    Light,
    /// With stripes.
    Hatched,
}

/// A chart that is being drawn from top to bottom.
#[derive(Debug)]
pub struct ChartFrame {
    /// The language of its words.
    pub lang: Lang,
    /// Down to where it is drawn.
    pub bottom: f64,
    kind: &'static str,
    telling: ChartText,
    drawn: Group,
}

impl ChartFrame {
    /// A sheet with its heading; the kind tells its names from those of other charts in the same page.
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

    /// Adds something at its own place.
    pub fn draw(&mut self, node: impl Into<Box<dyn Node>>) {
        self.drawn.append(node);
    }

    /// Adds words below everything, in as many lines as they need.
    pub fn line(&mut self, said: &str, size: f64) {
        for line in text_metrics::lines(said, size, ROOM) {
            self.bottom += size + 4.0;
            self.draw(words(&line, MARGIN, self.bottom - 3.0, size).set("fill", FAINT));
        }
    }

    /// Begins a part of the chart.
    pub fn subheading(&mut self, said: &str) {
        for line in text_metrics::lines(said, SIZE * 1.08, ROOM) {
            self.bottom += SIZE + 4.0;
            self.draw(words(&line, MARGIN, self.bottom - 3.0, SIZE).set("font-weight", "bold"));
        }
        self.bottom += 3.0;
    }

    /// An area of a look.
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

    /// Says what the looks mean.
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

    /// Says that there is nothing to be drawn.
    pub fn nothing(&mut self) {
        let said = no_figures(self.lang);
        let (top, middle) = (self.bottom + 4.0, WIDTH / 2.0);
        let edge = Rectangle::new().set("x", at(MARGIN)).set("y", at(top)).set("width", at(ROOM)).set("height", 72);
        self.draw(edge.set("fill", "none").set("stroke", FAINT).set("stroke-dasharray", "4 3"));
        self.draw(words(said, middle, top + 41.0, 14.0).set("text-anchor", "middle"));
        self.bottom = top + 78.0;
    }

    /// The finished chart.
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

/// What is said where nothing was counted.
#[must_use]
pub const fn no_figures(lang: Lang) -> &'static str {
    lang.pick("Không có số liệu", "No figures")
}

/// Words at a place.
#[must_use]
pub fn words(said: &str, x: f64, y: f64, size: f64) -> Text {
    Text::new(text_metrics::clean(said)).set("x", at(x)).set("y", at(y)).set("font-size", at(size))
}

/// A place or a size as it is written: more than a tenth of a unit nobody sees.
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
