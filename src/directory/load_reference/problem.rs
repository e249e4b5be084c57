//! Errors in reference data files, with file and line, as messages in both languages.

use crate::kernel::Lang;
use crate::kernel::field_problem::{FieldProblem, FieldRule};

/// One error in a reference data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadProblem {
    pub file: String,
    /// Line number, the header being line 1; 0 for the whole file.
    pub line: u64,
    pub fault: LoadFault,
}

/// The kinds of errors in a reference data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadFault {
    FileMissing,
    /// The file, or this line of it, is not UTF-8.
    NotUtf8,
    /// The header lacks this column.
    ColumnMissing(&'static str),
    /// The number of cells differs from the header.
    CellCount {
        expected: usize,
        found: usize,
    },
    /// A cell violates a rule.
    Cell {
        /// Column name in the header.
        column: &'static str,
        value: String,
        /// The violated rule.
        rule: FieldRule,
    },
    /// The code or day already occurs on an earlier line.
    Repeated {
        /// Column name in the header.
        column: &'static str,
        value: String,
        /// Number of the earlier line.
        earlier: u64,
    },
}

impl LoadProblem {
    /// Returns the error for a client that sent the file as a field of that name: `agencies.lines.17.parent_code`.
    #[must_use]
    pub fn as_field(&self) -> FieldProblem {
        let (column, rule) = match &self.fault {
            LoadFault::FileMissing => return FieldProblem::new(self.file.clone(), FieldRule::Required),
            LoadFault::NotUtf8 => (None, FieldRule::Malformed("UTF-8")),
            LoadFault::ColumnMissing(column) => (Some(*column), FieldRule::Required),
            LoadFault::CellCount { .. } => (None, FieldRule::Unreadable),
            LoadFault::Cell { column, rule, .. } => (Some(*column), rule.clone()),
            LoadFault::Repeated { column, .. } => (Some(*column), FieldRule::Duplicate),
        };
        let line = format!("{}.lines.{}", self.file, self.line);
        FieldProblem::new(column.map_or_else(|| line.clone(), |column| format!("{line}.{column}")), rule)
    }

    /// Returns a message for the person who loads the file: `agencies-2023.csv:17: parent_code "27-999": …`.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let (vi, en) = match &self.fault {
            LoadFault::FileMissing => ("không tìm thấy tệp".to_owned(), "the file is missing".to_owned()),
            LoadFault::NotUtf8 => ("không phải UTF-8".to_owned(), "not UTF-8".to_owned()),
            LoadFault::ColumnMissing(column) => (format!("thiếu cột {column}"), format!("the column {column} is missing")),
            LoadFault::CellCount { expected, found } => {
                (format!("có {found} ô, tiêu đề có {expected}"), format!("{found} cells where the header has {expected}"))
            }
            LoadFault::Cell { column, value, rule } => (
                format!("{column} \"{value}\": {}", rule.message(Lang::Vi)),
                format!("{column} \"{value}\": {}", rule.message(Lang::En)),
            ),
            LoadFault::Repeated { column, value, earlier } => (
                format!("{column} \"{value}\" đã có ở dòng {earlier}"),
                format!("{column} \"{value}\" stands on line {earlier} already"),
            ),
        };
        format!("{}:{}: {}", self.file, self.line, lang.pick(&vi, &en))
    }
}

impl std::fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}
