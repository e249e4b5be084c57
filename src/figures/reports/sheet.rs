//! A table with its heading lines, notes and signatures, as Vietnamese offices write them.

use crate::figures::rules::figures::Hundredths;
use chrono::NaiveDate;
use std::borrow::Cow;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum SheetCell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with two decimals.
    Decimal(Hundredths),
    /// A day, written dd/mm/yyyy.
    Day(NaiveDate),
    /// A whole number that the spreadsheet computes again; the formula is without its equals sign.
    Sum(String, i64),
}

impl SheetCell {
    /// Words, or nothing.
    #[must_use]
    pub fn text(words: Option<String>) -> Self {
        words.map_or(Self::Empty, Self::Text)
    }
}

/// A column: its heading and how wide it is printed.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetColumn {
    /// What stands above this heading and those of its neighbours of the same group; empty for a heading that stands alone.
    pub group: &'static str,
    /// The heading.
    pub heading: Cow<'static, str>,
    /// Width in characters.
    pub width: f64,
}

impl SheetColumn {
    /// A column that belongs to no group.
    #[must_use]
    pub fn alone(heading: impl Into<Cow<'static, str>>, width: f64) -> Self {
        Self { group: "", heading: heading.into(), width }
    }

    /// A column whose heading and group are known beforehand.
    #[must_use]
    pub const fn grouped(group: &'static str, heading: &'static str, width: f64) -> Self {
        Self { group, heading: Cow::Borrowed(heading), width }
    }
}

/// Arithmetic that has to hold: what is checked, and the formula that is true when it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetCheck {
    /// As people write it: `(3) = (4) + (5) + (6)`.
    pub rule: &'static str,
    /// Without its equals sign.
    pub formula: String,
    /// Whether it does, for programs that show a file without computing it.
    pub holds: bool,
}

/// A table ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportSheet {
    /// The name of the tab, at most 31 characters.
    pub name: String,
    /// The body that reports.
    pub organ: String,
    /// The number of an official form, above the title.
    pub form: &'static str,
    /// The title.
    pub title: String,
    /// The period.
    pub period: String,
    /// The unit of the numbers; empty where there are none.
    pub unit: &'static str,
    /// Lines beside one another below the number of the form: who reports, and to whom.
    pub parties: Vec<String>,
    /// The columns.
    pub columns: Vec<SheetColumn>,
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<SheetCell>>,
    /// The places of rows that head a part of the others.
    pub headings: Vec<usize>,
    /// The sum of all rows, above them; as long as the columns.
    pub total: Option<Vec<SheetCell>>,
    /// Arithmetic to be checked.
    pub checks: Vec<SheetCheck>,
    /// Notes below the table.
    pub notes: Vec<String>,
    /// Whether it is signed.
    pub is_signed: bool,
}

/// The row of a spreadsheet, counted from 1, in which the total or, without one, the first row stands.
pub const FIRST_ROW: usize = 10;

/// The most rows that one XLSX sheet holds, less heading lines, checks, notes and signatures.
pub const MOST_ROWS: usize = 1_048_576 - 64;

/// A day as people write it.
#[must_use]
pub fn written(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}
