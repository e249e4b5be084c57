//! Parses and validates request parameters into a query; every error names its field.

use super::query::{FigureFilter, FigureQuery};
use crate::directory::rules::area::Level;
use crate::directory::rules::directory::{Directory, DirectoryEntry};
use crate::figures::rules::measure::Measure;
use crate::figures::rules::period::Period;
use crate::figures::rules::{AgenciesAs, COORDINATION, GroupBy};
use crate::kernel::Instant;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::kernel::ids::{AgencyId, CategoryId};
use chrono::format::ParseErrorKind;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;
use std::str::FromStr;

/// The key of the coordinator's desk among agencies, districts and levels.
pub const COORDINATION_KEY: &str = "coordination";

/// The filter parameters of a request, unparsed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FigureParams {
    /// First day of receipt.
    pub from: Option<String>,
    /// Last day of receipt.
    pub to: Option<String>,
    /// A named period instead of two days.
    pub period: Option<String>,
    /// The cut-off.
    pub as_of: Option<String>,
    /// Code of an agency, or `coordination`.
    pub agency: Option<String>,
    /// Code of a district, of the province (its own bodies), or `coordination`.
    pub district: Option<String>,
    /// Code of a category.
    pub category: Option<String>,
    pub channel: Option<String>,
    pub petitioner_kind: Option<String>,
    pub level: Option<String>,
    pub urgency: Option<String>,
    /// The agencies under which figures are shown: `as_was` (the default) or `today`.
    pub agencies: Option<String>,
}

/// Returns the days and the filter of a request about documents instead of figures.
///
/// # Errors
/// Every invalid parameter.
pub fn span_and_filter(
    directory: &Directory,
    now: Instant,
    words: &FigureParams,
) -> Result<(Period, FigureFilter), Vec<FieldProblem>> {
    let mut reader = QueryParser::new(directory, now);
    let (filter, period) = (reader.filter(words), reader.period(words));
    reader.finish(period.zip(filter))
}

/// Parses parameters and collects errors.
#[derive(Debug)]
pub(super) struct QueryParser<'a> {
    directory: &'a Directory,
    now: Instant,
    problems: Vec<FieldProblem>,
}

impl<'a> QueryParser<'a> {
    /// Creates a parser without errors.
    pub const fn new(directory: &'a Directory, now: Instant) -> Self {
        Self { directory, now, problems: Vec::new() }
    }

    /// Returns the result, or the collected errors.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Vec<FieldProblem>> {
        match read {
            Some(read) if self.problems.is_empty() => Ok(read),
            _ => Err(self.problems),
        }
    }

    /// Adds an error for a field.
    pub fn refuse(&mut self, field: &str, rule: FieldRule) {
        self.problems.push(FieldProblem::new(field, rule));
    }

    fn take<T>(&mut self, field: &str, read: Result<T, FieldRule>) -> Option<T> {
        read.map_err(|rule| self.refuse(field, rule)).ok()
    }

    /// Parses a value of a fixed set.
    pub fn word<T: FromStr<Err = FieldRule>>(&mut self, field: &str, word: Option<&str>) -> Option<T> {
        word.and_then(|word| self.take(field, word.parse()))
    }

    /// Parses an integer between `low` and `high`.
    pub fn number(&mut self, field: &str, word: Option<&str>, default: i64, low: i64, high: i64) -> i64 {
        let Some(word) = word else { return default };
        match word.parse() {
            Ok(number) if (low..=high).contains(&number) => number,
            _ => {
                self.refuse(field, FieldRule::Between(low.to_string(), high.to_string()));
                default
            }
        }
    }

    /// Parses a comma-separated list of measures.
    pub fn measures(&mut self, words: Option<&str>, defaults: impl FnOnce() -> Vec<Measure>) -> Vec<Measure> {
        let Some(words) = words else { return defaults() };
        let mut measures = Vec::new();
        for word in words.split(',').map(str::trim) {
            let Some(measure) = self.word("measures", Some(word)) else { return measures };
            if !measures.contains(&measure) {
                measures.push(measure);
            }
        }
        measures
    }

    /// Parses the complete query.
    pub fn question(&mut self, words: &FigureParams, group_by: GroupBy, measures: Vec<Measure>) -> Option<FigureQuery> {
        let filter = self.filter(words);
        let agencies = self.agencies_as(words);
        let period = self.period(words)?;
        let as_of = self.as_of(words, period)?;
        Some(FigureQuery { period, as_of, now: self.now, filter: filter?, agencies, group_by, measures, steps: Vec::new() })
    }

    /// Parses the agencies under which figures are shown.
    pub fn agencies_as(&mut self, words: &FigureParams) -> AgenciesAs {
        self.word("agencies", words.agencies.as_deref()).unwrap_or(AgenciesAs::AsWas)
    }

    fn day(&mut self, field: &str, word: &str) -> Option<NaiveDate> {
        self.take(field, written_day(word).and_then(|day| Period::new(day, day).map(|_| day)))
    }

    fn period(&mut self, words: &FigureParams) -> Option<Period> {
        let (field, period) = match (&words.period, &words.from, &words.to) {
            (Some(name), None, None) => ("period", self.word("period", Some(name))?),
            (None, Some(from), Some(to)) => {
                let (from, to) = (self.day("from", from), self.day("to", to));
                ("from", self.take("to", Period::new(from?, to?))?)
            }
            (None, None, None) => {
                let today = self.now.local_date();
                let new_year = NaiveDate::from_yo_opt(today.year(), 1).unwrap_or(today);
                ("from", self.take("from", Period::new(new_year, today))?)
            }
            (Some(_), _, _) => {
                self.refuse("period", FieldRule::NotAllowed);
                return None;
            }
            (None, from, _) => {
                self.refuse(if from.is_none() { "from" } else { "to" }, FieldRule::Required);
                return None;
            }
        };
        if period.starts_at() > self.now {
            self.refuse(field, FieldRule::Between("2000-01-01".to_owned(), self.now.local_date().to_string()));
            return None;
        }
        Some(period)
    }

    fn as_of(&mut self, words: &FigureParams, period: Period) -> Option<Instant> {
        let Some(word) = &words.as_of else { return Some(period.ends_at().min(self.now)) };
        let as_of = self.take("as_of", instant(word))?;
        // A day that is not over yet means now.
        let as_of = if word.len() == 10 && as_of.local_date() == self.now.local_date() { self.now } else { as_of };
        if as_of > self.now {
            self.refuse("as_of", FieldRule::Between(period.starts_at().to_rfc3339(), self.now.to_rfc3339()));
            return None;
        }
        if as_of < period.starts_at() {
            self.refuse("as_of", FieldRule::MustNotBeBefore("from".to_owned()));
            return None;
        }
        Some(as_of)
    }

    /// Parses the filter only.
    pub fn filter(&mut self, words: &FigureParams) -> Option<FigureFilter> {
        let before = self.problems.len();
        let filter = FigureFilter {
            agencies: self.agencies(words),
            categories: self.categories(words.category.as_deref()),
            channel: self.word("channel", words.channel.as_deref()),
            petitioner_kind: self.word("petitioner_kind", words.petitioner_kind.as_deref()),
            urgency: self.word("urgency", words.urgency.as_deref()),
        };
        (self.problems.len() == before).then_some(filter)
    }

    fn categories(&mut self, code: Option<&str>) -> Option<Vec<CategoryId>> {
        let code = code?;
        let known = self.directory.categories().iter().filter(|category| category.code() == code);
        let ids: Vec<CategoryId> = known.map(|category| category.id).collect();
        if ids.is_empty() {
            self.refuse("category", FieldRule::UnknownCode);
        }
        Some(ids)
    }

    fn agencies(&mut self, words: &FigureParams) -> Option<BTreeSet<AgencyId>> {
        let level: Option<Level> = self.word("level", words.level.as_deref());
        let directory = self.directory;
        let sets = [
            words.agency.as_deref().map(|code| ("agency", of_agency(directory, code))),
            words.district.as_deref().map(|code| ("district", of_district(directory, code))),
            level.map(|level| ("level", ids(directory, |id| directory.agency(id).is_some_and(|agency| agency.level == level)))),
        ];
        let mut admitted: Option<BTreeSet<AgencyId>> = None;
        for (field, set) in sets.into_iter().flatten() {
            if set.is_empty() && field != "level" {
                self.refuse(field, FieldRule::UnknownCode);
            }
            admitted = Some(admitted.map_or_else(|| set.clone(), |others| others.intersection(&set).copied().collect()));
        }
        admitted
    }
}

/// Parses a day; a well-formed date that does not exist (29 February 2023) gives a different error than a malformed
/// one.
fn written_day(word: &str) -> Result<NaiveDate, FieldRule> {
    NaiveDate::parse_from_str(word, "%Y-%m-%d").map_err(|error| match error.kind() {
        ParseErrorKind::OutOfRange | ParseErrorKind::Impossible => FieldRule::NoSuchDay,
        _ => FieldRule::Malformed("2024-03-31"),
    })
}

/// Parses an instant, or a day, which means its end. An unescaped plus sign arrives as a space.
fn instant(word: &str) -> Result<Instant, FieldRule> {
    match written_day(word) {
        Ok(day) => return Ok(Instant::end_of(day)),
        Err(FieldRule::NoSuchDay) => return Err(FieldRule::NoSuchDay),
        Err(_) => {}
    }
    let read = chrono::DateTime::parse_from_rfc3339(&word.replace(' ', "+"));
    read.map(|time| Instant::from_utc(time.to_utc())).map_err(|_| FieldRule::Malformed("2024-03-31T23:59:59+07:00"))
}

fn ids(directory: &Directory, admits: impl Fn(AgencyId) -> bool) -> BTreeSet<AgencyId> {
    directory.agencies().iter().map(|agency| agency.id).filter(|id| admits(*id)).collect()
}

fn of_agency(directory: &Directory, code: &str) -> BTreeSet<AgencyId> {
    if code == COORDINATION_KEY {
        return BTreeSet::from([COORDINATION]);
    }
    directory.agencies_of_code(code).map(|agency| agency.id).collect()
}

fn of_district(directory: &Directory, code: &str) -> BTreeSet<AgencyId> {
    if code == COORDINATION_KEY {
        return BTreeSet::from([COORDINATION]);
    }
    ids(directory, |id| district_key(directory, id) == Some(code))
}

/// Returns the code of the district in which an agency works; that of the province for all others.
pub(super) fn district_key(directory: &Directory, id: AgencyId) -> Option<&str> {
    let district = directory.district_of(id);
    let province = || directory.area_and_above(directory.agency(id)?.area_id).last();
    district.or_else(province).map(|area| area.code.as_str())
}
