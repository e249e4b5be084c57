//! Reads the CSV file into lines of text and validates its columns.

use crate::db::service_error::ServiceError;
use crate::kernel::csv_text::{CsvText, is_blank, shown};
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use csv::ByteRecord;

/// Maximum lines; more than any province has officers.
const MOST_LINES: usize = 10_000;

const REQUIRED: [&str; 4] = ["username", "full_name", "agency_code", "roles"];
const OPTIONAL: [&str; 2] = ["password", "email"];
const EXAMPLE_HEADER: &str = "username,full_name,agency_code,roles";

/// One line of the file.
pub(super) struct OfficerLine {
    /// The line number as shown by editors.
    pub(super) number: u64,
    pub(super) username: String,
    pub(super) full_name: String,
    pub(super) agency_code: String,
    pub(super) roles: String,
    pub(super) password: String,
    pub(super) email: String,
}

/// Returns the field name of a column of a line, for error responses.
pub(super) fn field(line: u64, column: &str) -> String {
    format!("lines.{line}.{column}")
}

/// Reads all lines.
///
/// # Errors
/// [`ServiceError::Invalid`] for missing, unknown or repeated columns, for lines with a different number of values,
/// for bytes that are not UTF-8, and for an empty or too long file.
pub(super) fn lines(file: &[u8]) -> Result<Vec<OfficerLine>, ServiceError> {
    let text = CsvText::of(file).map_err(|rule| ServiceError::invalid("lines", rule))?;
    let mut reader = text.reader();
    let mut problems = FieldProblems::default();
    let mut records = reader.byte_records();
    let Some(Ok(header)) = records.next() else {
        return Err(ServiceError::invalid("lines.1", FieldRule::Malformed(EXAMPLE_HEADER)));
    };
    let columns = OfficerColumns::read(&header, &mut problems);
    let mut lines = Vec::new();
    for record in records {
        let Ok(record) = record else {
            problems.add("lines", FieldRule::Malformed("UTF-8 CSV"));
            break;
        };
        if is_blank(&record) {
            continue;
        }
        let number = record.position().map_or(0, csv::Position::line);
        if lines.len() == MOST_LINES {
            problems.add("lines", FieldRule::TooMany(MOST_LINES));
            break;
        }
        if record.len() != header.len() {
            problems.add(format!("lines.{number}"), FieldRule::Malformed(EXAMPLE_HEADER));
            continue;
        }
        lines.extend(columns.line(&record, number, &mut problems));
    }
    if lines.is_empty() && problems.is_empty() {
        problems.add("lines", FieldRule::Required);
    }
    problems.finish()?;
    Ok(lines)
}

/// The columns in file order.
struct OfficerColumns(Vec<String>);

impl OfficerColumns {
    fn read(header: &ByteRecord, problems: &mut FieldProblems) -> Self {
        let names: Vec<String> = header.iter().map(shown).collect();
        for (place, name) in names.iter().enumerate() {
            if !REQUIRED.contains(&name.as_str()) && !OPTIONAL.contains(&name.as_str()) {
                problems.add(field(1, name), FieldRule::Unknown);
            } else if names.iter().take(place).any(|earlier| earlier == name) {
                problems.add(field(1, name), FieldRule::Duplicate);
            }
        }
        for name in REQUIRED.iter().filter(|name| !names.iter().any(|given| given == *name)) {
            problems.add(field(1, name), FieldRule::Required);
        }
        Self(names)
    }

    fn line(&self, record: &ByteRecord, number: u64, problems: &mut FieldProblems) -> Option<OfficerLine> {
        let mut is_readable = true;
        let mut value = |column: &str| {
            let place = self.0.iter().position(|name| name == column);
            let bytes = place.and_then(|place| record.get(place)).unwrap_or_default();
            std::str::from_utf8(bytes).map(str::to_owned).unwrap_or_else(|_| {
                problems.add(field(number, column), FieldRule::Malformed("UTF-8"));
                is_readable = false;
                String::new()
            })
        };
        let line = OfficerLine {
            number,
            username: value("username"),
            full_name: value("full_name"),
            agency_code: value("agency_code"),
            roles: value("roles"),
            password: value("password"),
            email: value("email"),
        };
        is_readable.then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems_of(file: &str) -> Vec<(String, &'static str)> {
        match lines(file.as_bytes()) {
            Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|p| (p.field, p.rule.code())).collect(),
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn columns_may_stand_in_any_order_after_a_byte_order_mark() {
        let read =
            lines("\u{FEFF}roles,username,agency_code,full_name\r\nclerk;leader, an.nguyen ,27-256,Nguyễn An\r\n".as_bytes());
        let line = read.unwrap().pop().unwrap();
        assert_eq!((line.number, line.username.as_str(), line.roles.as_str()), (2, "an.nguyen", "clerk;leader"));
        assert_eq!((line.full_name.as_str(), line.password.as_str()), ("Nguyễn An", ""));
    }

    #[test]
    fn what_is_wrong_with_the_file_is_named() {
        assert_eq!(problems_of(""), [("lines.1".to_owned(), "malformed")]);
        assert_eq!(problems_of("username,full_name,agency_code,roles\n"), [("lines".to_owned(), "required")]);
        assert_eq!(
            problems_of("username,full_name,rank,roles,roles\n"),
            [
                ("lines.1.rank".to_owned(), "unknown_field"),
                ("lines.1.roles".to_owned(), "duplicate"),
                ("lines.1.agency_code".to_owned(), "required"),
            ]
        );
        assert_eq!(problems_of("username,full_name,agency_code,roles\na,b,c,d\na,b\n"), [("lines.3".to_owned(), "malformed")]);
    }
}
