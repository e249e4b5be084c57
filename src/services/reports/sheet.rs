//! A table with its heading lines, as Vietnamese offices write them.

use chrono::NaiveDate;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A day, written dd/mm/yyyy.
    Day(NaiveDate),
}

impl Cell {
    /// Words, or nothing.
    #[must_use]
    pub fn text(words: Option<String>) -> Self {
        words.map_or(Self::Empty, Self::Text)
    }
}

/// A column: its heading and how wide it is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// The heading.
    pub heading: &'static str,
    /// Width in characters.
    pub width: f64,
}

/// A table ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The name of the tab, at most 31 characters.
    pub name: String,
    /// The body that reports.
    pub organ: String,
    /// The title.
    pub title: String,
    /// The period and the unit.
    pub period: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
}

/// The most rows that one XLSX sheet holds, less the heading lines.
pub const MOST_ROWS: usize = 1_048_576 - 16;
