//! The table model: columns, rows, heading lines, notes and signatures, in the layout of Vietnamese offices.

use crate::figures::rules::figures::Hundredths;
use chrono::NaiveDate;
use std::borrow::Cow;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum SheetCell {
    Empty,
    Text(String),
    Number(i64),
    /// A number with two decimals.
    Decimal(Hundredths),
    /// A date, formatted dd/mm/yyyy.
    Day(NaiveDate),
    /// An integer with a formula that the spreadsheet recalculates; the formula has no equals sign.
    Sum(String, i64),
}

impl SheetCell {
    /// Creates a text cell, or an empty one for `None`.
    #[must_use]
    pub fn text(words: Option<String>) -> Self {
        words.map_or(Self::Empty, Self::Text)
    }
}

/// A column: heading and print width.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetColumn {
    /// The common heading above neighbouring columns of the same group; empty without a group.
    pub group: &'static str,
    pub heading: Cow<'static, str>,
    /// Width in characters.
    pub width: f64,
}

impl SheetColumn {
    /// Creates a column without a group.
    #[must_use]
    pub fn alone(heading: impl Into<Cow<'static, str>>, width: f64) -> Self {
        Self { group: "", heading: heading.into(), width }
    }

    /// Creates a column with a group.
    #[must_use]
    pub const fn grouped(group: &'static str, heading: &'static str, width: f64) -> Self {
        Self { group, heading: Cow::Borrowed(heading), width }
    }
}

/// An arithmetic check: the rule as text, and a formula that is true when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetCheck {
    /// For readers: `(3) = (4) + (5) + (6)`.
    pub rule: &'static str,
    /// Without equals sign.
    pub formula: String,
    /// The result, for programs that show a file without recalculating it.
    pub holds: bool,
}

/// A complete table.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportSheet {
    /// The name of the sheet tab, at most 31 characters.
    pub name: String,
    /// The reporting body.
    pub organ: String,
    /// The number of an official form, above the title.
    pub form: &'static str,
    pub title: String,
    pub period: String,
    /// The unit of the numbers; empty if there is none.
    pub unit: &'static str,
    /// Lines side by side below the form number: the reporting and the receiving body.
    pub parties: Vec<String>,
    pub columns: Vec<SheetColumn>,
    /// Each row has as many cells as there are columns.
    pub rows: Vec<Vec<SheetCell>>,
    /// The indexes of rows that are subheadings.
    pub headings: Vec<usize>,
    /// The sum of all rows, printed above them; one cell per column.
    pub total: Option<Vec<SheetCell>>,
    pub checks: Vec<SheetCheck>,
    /// Notes below the table.
    pub notes: Vec<String>,
    /// Whether there is a signature block.
    pub is_signed: bool,
}

/// The spreadsheet row (counted from 1) of the total or, without one, of the first row.
pub const FIRST_ROW: usize = 10;

/// The maximum rows of an XLSX sheet, minus heading lines, checks, notes and signatures.
pub const MOST_ROWS: usize = 1_048_576 - 64;

/// Formats a date as dd/mm/yyyy.
#[must_use]
pub fn written(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}
