//! Reads one CSV file as lines of named cells; returns a [`ReferenceSheet`] and reports all errors, not only the
//! first.
//!
//! Codes are read as text (commune codes begin with 0), columns are found by header name in any order, a byte order
//! mark is skipped and texts are normalized to NFC.

use super::problem::{LoadFault, LoadProblem};
use crate::directory::rules::directory_code::directory_code;
use crate::kernel::csv_text::is_blank;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::text;
use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A file with a valid header and valid line lengths.
pub(crate) struct ReferenceSheet {
    file: String,
    columns: HashMap<String, usize>,
    lines: Vec<(u64, csv::StringRecord)>,
}

impl ReferenceSheet {
    /// Reads a file; an unreadable file yields no lines.
    pub(crate) fn read(file: &str, bytes: Option<&[u8]>, columns: &[&'static str], problems: &mut Vec<LoadProblem>) -> Self {
        let mut sheet = Self { file: file.to_owned(), columns: HashMap::new(), lines: Vec::new() };
        let mut note = |line, fault| problems.push(LoadProblem { file: file.to_owned(), line, fault });
        let Some(bytes) = bytes else {
            note(0, LoadFault::FileMissing);
            return sheet;
        };
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = bytes.iter().take(error.valid_up_to());
                let line = good.fold(1, |line, byte| line + u64::from(*byte == b'\n'));
                note(line, LoadFault::NotUtf8);
                return sheet;
            }
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        sheet.columns = header.iter().enumerate().map(|(place, name)| (name.trim().to_owned(), place)).collect();
        let missing = columns.iter().filter(|column| !sheet.columns.contains_key(**column));
        let missing: Vec<_> = missing.map(|column| LoadFault::ColumnMissing(column)).collect();
        if !missing.is_empty() {
            missing.into_iter().for_each(|fault| note(1, fault));
            sheet.columns.clear();
            return sheet;
        }
        // The text is UTF-8 and the reader is flexible, so no record can fail.
        for record in reader.records().flatten() {
            let line = record.position().map_or(0, csv::Position::line);
            if is_blank(record.as_byte_record()) {
                continue;
            }
            if record.len() == header.len() {
                sheet.lines.push((line, record));
            } else {
                note(line, LoadFault::CellCount { expected: header.len(), found: record.len() });
            }
        }
        sheet
    }

    /// Returns whether the header could be read.
    pub(in crate::directory) fn is_readable(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Returns all lines, to be read cell by cell.
    pub(crate) fn lines(&self) -> impl Iterator<Item = SheetLine<'_>> {
        self.lines.iter().map(|(number, record)| SheetLine { sheet: self, number: *number, record })
    }
}

/// One line of a [`ReferenceSheet`]. Each cell method reports an error and returns `None` when the cell violates a
/// rule.
pub(crate) struct SheetLine<'a> {
    sheet: &'a ReferenceSheet,
    /// Line number in the file.
    pub(crate) number: u64,
    record: &'a csv::StringRecord,
}

impl SheetLine<'_> {
    fn raw(&self, column: &str) -> &str {
        self.sheet.columns.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default().trim()
    }

    /// Returns whether the file has the column.
    pub(in crate::directory) fn has(&self, column: &str) -> bool {
        self.sheet.columns.contains_key(column)
    }

    /// Returns the code of the parent as written.
    pub(crate) fn parent(&self) -> Option<String> {
        Some(self.raw("parent_code")).filter(|code| !code.is_empty()).map(str::to_owned)
    }

    /// Reports that a cell violates a rule.
    pub(crate) fn refuse(&self, column: &'static str, rule: FieldRule, problems: &mut Vec<LoadProblem>) {
        let fault = LoadFault::Cell { column, value: self.raw(column).to_owned(), rule };
        problems.push(LoadProblem { file: self.sheet.file.clone(), line: self.number, fault });
    }

    /// Reports that the value already occurs on an earlier line.
    pub(crate) fn repeat(&self, column: &'static str, earlier: u64, problems: &mut Vec<LoadProblem>) {
        let fault = LoadFault::Repeated { column, value: self.raw(column).to_owned(), earlier };
        problems.push(LoadProblem { file: self.sheet.file.clone(), line: self.number, fault });
    }

    fn judged<T>(&self, column: &'static str, read: Result<T, FieldRule>, problems: &mut Vec<LoadProblem>) -> Option<T> {
        read.map_err(|rule| self.refuse(column, rule, problems)).ok()
    }

    pub(crate) fn code(&self, column: &'static str, problems: &mut Vec<LoadProblem>) -> Option<String> {
        self.judged(column, directory_code(self.raw(column)), problems)
    }

    /// Reads an optional code.
    pub(in crate::directory) fn optional_code(
        &self,
        column: &'static str,
        problems: &mut Vec<LoadProblem>,
    ) -> Option<Option<String>> {
        if self.raw(column).is_empty() { Some(None) } else { self.code(column, problems).map(Some) }
    }

    /// Reads a single-line text with a maximum length; may be empty only when `min` is 0.
    pub(in crate::directory) fn text(
        &self,
        column: &'static str,
        min: usize,
        max: usize,
        problems: &mut Vec<LoadProblem>,
    ) -> Option<String> {
        self.judged(column, text::clean_line(self.raw(column), min, max), problems)
    }

    /// Reads a keyword of a closed set.
    pub(crate) fn word<T: FromStr<Err = FieldRule>>(&self, column: &'static str, problems: &mut Vec<LoadProblem>) -> Option<T> {
        self.judged(column, self.raw(column).parse(), problems)
    }

    /// Reads a number in an inclusive range.
    pub(crate) fn number<T: FromStr + PartialOrd + Display>(
        &self,
        column: &'static str,
        low: T,
        high: T,
        problems: &mut Vec<LoadProblem>,
    ) -> Option<T> {
        let number = self.raw(column).parse().ok().filter(|number| *number >= low && *number <= high);
        self.judged(column, number.ok_or_else(|| FieldRule::Between(low.to_string(), high.to_string())), problems)
    }

    /// Reads an optional number in an inclusive range.
    pub(in crate::directory) fn optional_number<T: FromStr + PartialOrd + Display>(
        &self,
        column: &'static str,
        low: T,
        high: T,
        problems: &mut Vec<LoadProblem>,
    ) -> Option<Option<T>> {
        if self.raw(column).is_empty() { Some(None) } else { self.number(column, low, high, problems).map(Some) }
    }

    /// Reads a day such as `2023-01-02`.
    pub(crate) fn day(&self, column: &'static str, problems: &mut Vec<LoadProblem>) -> Option<chrono::NaiveDate> {
        self.judged(column, self.raw(column).parse().map_err(|_| FieldRule::Malformed("2023-01-02")), problems)
    }
}
