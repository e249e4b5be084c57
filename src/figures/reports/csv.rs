//! CSV as Excel in Việt Nam opens it: UTF-8 with BOM, decimal comma, and protection against formula injection.

use super::sheet::{self, ReportSheet, SheetCell, SheetColumn};
use crate::db::service_error::ServiceError;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Writes the column headings, the total and the rows; heading lines, checks and signatures are for print only.
///
/// # Errors
/// Never in practice: it writes to memory.
pub fn write(sheet: &ReportSheet) -> Result<Vec<u8>, ServiceError> {
    let failed = |_| ServiceError::Internal("a CSV file cannot be written");
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BOM.to_vec());
    writer.write_record(sheet.columns.iter().map(heading)).map_err(failed)?;
    for row in sheet.total.iter().chain(&sheet.rows) {
        writer.write_record(row.iter().map(written)).map_err(failed)?;
    }
    writer.into_inner().map_err(|_| ServiceError::Internal("a CSV file cannot be written"))
}

fn heading(column: &SheetColumn) -> String {
    if column.group.is_empty() { column.heading.to_string() } else { format!("{}: {}", column.group, column.heading) }
}

fn written(cell: &SheetCell) -> String {
    match cell {
        SheetCell::Empty => String::new(),
        SheetCell::Text(words) => harmless(words),
        SheetCell::Number(number) | SheetCell::Sum(_, number) => number.to_string(),
        SheetCell::Decimal(number) => number.to_string().replace('.', ","),
        SheetCell::Day(day) => sheet::written(*day),
    }
}

/// Returns cell text that cannot run as a formula: text that starts like one gets an apostrophe, which spreadsheets
/// show as text. A single dash (no value) is not a formula.
#[must_use]
pub fn harmless(words: &str) -> String {
    if words != "-" && words.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{words}") } else { words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn formulas_become_text() {
        for wrong in ["=HYPERLINK(\"x\")", "+1", "-1", "@x", "\tx"] {
            assert!(harmless(wrong).starts_with('\''));
        }
        assert_eq!(harmless("-"), "-");
        assert_eq!(harmless("Rác thải = tồn đọng"), "Rác thải = tồn đọng");
    }
}
