//! Parses the CSV file into lines of named cells and checks the columns.

use super::line::PetitionLineFields;
use crate::db::service_error::ServiceError;
use crate::kernel::csv_text::{CsvText, is_blank, shown};
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use csv::{ByteRecord, StringRecord};

/// Maximum petitions per file.
pub const MOST_LINES: usize = 10_000;

/// Every column; the first six are required.
pub const COLUMNS: [&str; 27] = [
    "number",
    "received_at",
    "category",
    "area",
    "title",
    "content",
    "agency",
    "kind",
    "channel",
    "urgency",
    "petitioner_kind",
    "full_name",
    "phone",
    "email",
    "company_name",
    "tax_code",
    "address",
    "latitude",
    "longitude",
    "hide_identity",
    "outcome",
    "reason_code",
    "answer",
    "answered_at",
    "promised_on",
    "score",
    "comment",
];
const REQUIRED: usize = 6;
const EXAMPLE_HEADER: &str = "number,received_at,category,area,title,content";

/// Parses a file.
///
/// # Errors
/// [`ServiceError::Invalid`] for missing, unknown or duplicate columns, for lines with a different number of values,
/// for invalid UTF-8, and for an empty or oversized file.
pub(super) fn lines(file: &[u8]) -> Result<Vec<PetitionLineFields>, ServiceError> {
    let text = CsvText::of(file).map_err(|rule| ServiceError::invalid("lines", rule))?;
    let mut reader = text.reader();
    let mut problems = FieldProblems::default();
    let mut records = reader.byte_records();
    let Some(Ok(header)) = records.next() else {
        return Err(ServiceError::invalid("lines.1", FieldRule::Malformed(EXAMPLE_HEADER)));
    };
    let columns = columns(&header, &mut problems);
    problems.finish()?;
    let mut problems = FieldProblems::default();
    let mut lines = Vec::new();
    for record in records {
        let Ok(record) = record else {
            problems.add("lines", FieldRule::Malformed("UTF-8 CSV"));
            break;
        };
        let place = record.position().map_or(0, csv::Position::line);
        if is_blank(&record) {
            continue;
        }
        if lines.len() == MOST_LINES {
            problems.add("lines", FieldRule::TooMany(MOST_LINES));
            break;
        }
        if record.len() != header.len() {
            problems.add(format!("lines.{place}"), FieldRule::Malformed(EXAMPLE_HEADER));
            continue;
        }
        match StringRecord::from_byte_record(record) {
            Ok(record) => lines.push(PetitionLineFields::new(place, columns.iter().copied().zip(record.iter()))),
            Err(_) => problems.add(format!("lines.{place}"), FieldRule::Malformed("UTF-8")),
        }
    }
    if lines.is_empty() && problems.is_empty() {
        problems.add("lines", FieldRule::Required);
    }
    problems.finish()?;
    Ok(lines)
}

fn columns(header: &ByteRecord, problems: &mut FieldProblems) -> Vec<&'static str> {
    let mut columns: Vec<&'static str> = Vec::new();
    for name in header {
        let name = shown(name);
        match COLUMNS.into_iter().find(|known| *known == name) {
            None => problems.add(format!("lines.1.{name}"), FieldRule::Unknown),
            Some(known) if columns.contains(&known) => problems.add(format!("lines.1.{name}"), FieldRule::Duplicate),
            Some(known) => columns.push(known),
        }
    }
    for missing in COLUMNS.into_iter().take(REQUIRED).filter(|name| !columns.contains(name)) {
        problems.add(format!("lines.1.{missing}"), FieldRule::Required);
    }
    columns
}
