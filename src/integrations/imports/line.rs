//! Converts one CSV line into a petition, with the checks of a new filing and the original times.

use crate::db::service_error::ServiceError;
use crate::directory::rules::commune_name;
use crate::directory::rules::directory::Directory;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::phone::Phone;
use crate::kernel::{Instant, text};
use crate::petitions::draft::Draft;
use crate::petitions::filing::{Filing, LocationForm, PetitionForm, PetitionerForm, check};
use crate::petitions::history::{ImportedPetition, PastEnding};
use crate::petitions::rules::{Outcome, ReasonCode};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Value of `outcome` for a rejected petition; otherwise it is the outcome of the answer.
const REFUSED: &str = "refused";
/// Example of a timestamp: local time, or with an offset.
const EXAMPLE: &str = "2019-03-05 08:30";

/// A line of the file.
#[derive(Debug, Clone)]
pub(super) struct PetitionLineFields {
    /// Line number, counted as text editors do.
    pub place: u64,
    cells: BTreeMap<&'static str, String>,
}

impl PetitionLineFields {
    /// Builds a line; empty cells are treated as missing.
    pub fn new<'a>(place: u64, cells: impl Iterator<Item = (&'static str, &'a str)>) -> Self {
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        Self { place, cells: cells.map(|(column, cell)| (column, cell.to_owned())).collect() }
    }

    fn cell(&self, column: &str) -> Option<String> {
        self.cells.get(column).cloned()
    }

    /// Returns the petition number in the other system.
    pub fn number(&self) -> &str {
        self.cells.get("number").map_or("", String::as_str)
    }

    /// Returns the name of a cell in error messages.
    pub fn field(&self, column: &str) -> String {
        format!("lines.{}.{column}", self.place)
    }

    /// Returns a hash that detects changed lines, independent of the column order.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (column, cell) in &self.cells {
            hash.update(format!("{column}\n{}\n{cell}\n", cell.len()));
        }
        HEXLOWER.encode(&hash.finalize())
    }

    /// Parses and validates the line.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] with every problem in it, under the field names of the API forms.
    pub fn past(&self, directory: &Directory, now: Instant) -> Result<ImportedPetition, ServiceError> {
        let mut problems = FieldProblems::default();
        problems.take("number", text::clean_line(self.number(), 1, 100));
        let received_at = match self.cell("received_at") {
            None => problems.take("received_at", Err(FieldRule::Required)),
            Some(text) => problems.take("received_at", moment(&text, None, now)),
        };
        let area = received_at.and_then(|at| self.area(directory, at.local_date())).or_else(|| self.cell("area"));
        let filing = self.filing(area, &mut problems);
        let ending = received_at.and_then(|received_at| self.ending(received_at, now, &mut problems));
        problems.finish()?;
        match (received_at, filing, ending) {
            (Some(received_at), Some(filing), Some(ending)) => {
                Ok(ImportedPetition { filing, received_at, agency: self.cell("agency"), ending })
            }
            _ => Err(ServiceError::Internal("a line without a problem and without a petition")),
        }
    }

    /// Returns the code of a commune given by name, as in a postal address.
    fn area(&self, directory: &Directory, day: NaiveDate) -> Option<String> {
        let words = self.cell("area").filter(|words| !directory.knows_area_code(words))?;
        match commune_name::named(directory, day, &words).as_slice() {
            [area] => Some(area.code.clone()),
            _ => None,
        }
    }

    fn filing(&self, area: Option<String>, problems: &mut FieldProblems) -> Option<Filing> {
        let location = LocationForm {
            latitude: self.parsed("latitude", problems, number),
            longitude: self.parsed("longitude", problems, number),
            address: self.cell("address"),
        };
        let petitioner = PetitionerForm {
            kind: self.parsed("petitioner_kind", problems, word),
            full_name: self.cell("full_name"),
            // Files from before 2018 contain phone numbers with old prefixes.
            phone: self.cell("phone").map(|phone| Phone::of_any_time(&phone).map_or(phone, |today| today.to_string())),
            email: self.cell("email"),
            company_name: self.cell("company_name"),
            tax_code: self.cell("tax_code"),
        };
        let form = PetitionForm {
            kind: self.parsed("kind", problems, word),
            title: self.cell("title"),
            content: self.cell("content"),
            category: self.cell("category"),
            area,
            location: Some(location).filter(|place| *place != LocationForm::default()),
            petitioner: Some(petitioner),
            hide_identity: self.parsed("hide_identity", problems, yes_or_no).unwrap_or_default(),
            channel: self.parsed("channel", problems, word),
            urgency: self.parsed("urgency", problems, word),
            attachments: Vec::new(),
            zalo_user: None,
        };
        match check(&form, None, &[], 0) {
            Ok(filing) => Some(filing),
            Err(wrong) => {
                wrong.into_iter().for_each(|problem| problems.add(problem.field, problem.rule));
                None
            }
        }
    }

    fn ending(&self, received_at: Instant, now: Instant, problems: &mut FieldProblems) -> Option<PastEnding> {
        let Some(outcome) = self.cell("outcome") else {
            let needless = ["reason_code", "answer", "answered_at", "promised_on", "score", "comment"];
            let given: Vec<_> = needless.into_iter().filter(|column| self.cells.contains_key(column)).collect();
            given.iter().for_each(|column| problems.add(*column, FieldRule::NotAllowed));
            return given.is_empty().then_some(PastEnding::Open);
        };
        let at = match self.cell("answered_at") {
            None => problems.take("answered_at", Err(FieldRule::Required)),
            Some(text) => problems.take("answered_at", moment(&text, Some(received_at), now)),
        };
        if outcome == REFUSED {
            let note = self.cell("answer").map(|note| text::clean(&note, 1, 2000)).transpose();
            let note = problems.take("answer", note);
            let reason = match self.cell("reason_code") {
                None => problems.take("reason_code", Err(FieldRule::Required)),
                Some(reason) => problems.take("reason_code", ReasonCode::from_str(&reason)),
            };
            return Some(PastEnding::Refused { reason: reason?, note: note?, at: at? });
        }
        let words = || Outcome::ALL.iter().map(ToString::to_string).chain([REFUSED.to_owned()]).collect();
        let outcome = problems.take("outcome", Outcome::from_str(&outcome).map_err(|_| FieldRule::OneOf(words())));
        let promised_on =
            self.parsed("promised_on", problems, |text| text.parse().map_err(|_| FieldRule::Malformed("2019-06-30")));
        let rating = self.rating(at, problems);
        let draft = match Draft::check(&self.cell("answer").unwrap_or_default(), outcome?, promised_on) {
            Ok(draft) => draft,
            Err(ServiceError::Invalid(wrong)) => {
                let column = |field: &str| if field == "content" { "answer".to_owned() } else { field.to_owned() };
                wrong.into_iter().for_each(|problem| problems.add(column(&problem.field), problem.rule));
                return None;
            }
            Err(_) => return None,
        };
        Some(PastEnding::Answered { draft, at: at?, rating: rating? })
    }

    /// The rating of the answer, dated like the answer: other systems rarely record its time.
    fn rating(&self, at: Option<Instant>, problems: &mut FieldProblems) -> Option<Option<(i32, Option<String>, Instant)>> {
        let comment = self.cell("comment").map(|comment| text::clean(&comment, 1, 2000)).transpose();
        let comment = problems.take("comment", comment)?;
        let Some(score) = self.cell("score") else {
            if comment.is_some() {
                problems.add("comment", FieldRule::NotAllowed);
            }
            return Some(None);
        };
        let score = score.parse().ok().filter(|score| (1..=5).contains(score));
        let score = problems.take("score", score.ok_or_else(|| FieldRule::Between("1".to_owned(), "5".to_owned())))?;
        Some(Some((score, comment, at?)))
    }

    fn parsed<T>(
        &self,
        column: &'static str,
        problems: &mut FieldProblems,
        read: impl Fn(&str) -> Result<T, FieldRule>,
    ) -> Option<T> {
        self.cells.get(column).and_then(|cell| problems.take(column, read(cell)))
    }
}

fn word<T: FromStr<Err = FieldRule>>(text: &str) -> Result<T, FieldRule> {
    text.parse()
}

fn number(text: &str) -> Result<f64, FieldRule> {
    text.parse().map_err(|_| FieldRule::Malformed("21.18615"))
}

fn yes_or_no(text: &str) -> Result<bool, FieldRule> {
    match text {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(FieldRule::OneOf(vec!["0".to_owned(), "1".to_owned()])),
    }
}

/// Parses a time that is not in the future and not before `after`.
fn moment(text: &str, after: Option<Instant>, now: Instant) -> Result<Instant, FieldRule> {
    let local = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let read = local.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(Instant::from_local);
    let with_offset = || DateTime::parse_from_rfc3339(text).ok().map(|time| Instant::from_utc(time.to_utc()));
    let moment = read.or_else(with_offset).ok_or(FieldRule::Malformed(EXAMPLE))?;
    if after.is_some_and(|after| moment < after) {
        return Err(FieldRule::MustNotBeBefore("received_at".to_owned()));
    }
    if moment > now { Err(FieldRule::Between("2000-01-01".to_owned(), now.to_rfc3339())) } else { Ok(moment) }
}
