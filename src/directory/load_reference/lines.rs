//! Parses and validates the lines of each reference data file.

use super::problem::LoadProblem;
use super::reference::{CATEGORIES, HOLIDAYS};
use super::sheet::{ReferenceSheet, SheetLine};
use crate::directory::rules::agency::AgencyKind;
use crate::directory::rules::area::{AreaKind, Level};
use crate::directory::rules::calendar::DayKind;
use crate::directory::rules::directory::LONGEST_CHAIN;
use crate::kernel::field_problem::FieldRule;
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

const LONGEST_NAME: usize = 200;
const LONGEST_SHORT_NAME: usize = 100;
const LONGEST_EXAMPLES: usize = 2000;
const MOST_WORKING_DAYS: i32 = 365;

/// A line of the areas file.
pub(crate) struct AreaLine {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) kind: AreaKind,
    pub(crate) parent_code: Option<String>,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
}

/// A line of the agencies file.
pub(crate) struct AgencyLine {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) short_name: String,
    pub(crate) level: Level,
    pub(crate) kind: AgencyKind,
    pub(crate) parent_code: Option<String>,
    pub(crate) area_code: String,
}

/// A line of `categories.csv`.
pub(in crate::directory) struct CategoryLine {
    pub(crate) code: String,
    pub(in crate::directory) name_vi: String,
    pub(in crate::directory) name_en: Option<String>,
    pub(in crate::directory) department_code: String,
    pub(in crate::directory) district_division: String,
    pub(in crate::directory) default_level: Level,
    pub(in crate::directory) processing_working_days: i32,
    pub(in crate::directory) examples: Vec<String>,
}

/// A line of `holidays.csv`.
pub(in crate::directory) struct HolidayLine {
    pub(crate) day: NaiveDate,
    pub(crate) name: String,
    pub(crate) kind: DayKind,
    pub(in crate::directory) is_official: bool,
}

crate::text_enum! {
    /// Whether a day of the calendar has been announced.
    Announcement {
        /// Announced.
        Official = "official",
        /// Follows from the law or from habit; not announced yet.
        Expected = "expected",
    }
}

/// The valid lines of a file with codes, and all its codes, so that an invalid line does not invalidate lines that
/// refer to it.
pub(crate) struct CodedLines<T> {
    rows: Vec<T>,
    numbers: HashMap<String, u64>,
    parents: HashMap<String, String>,
    /// Whether the file could be read; if not, every code counts as known, so that one error is not reported
    /// hundreds of times.
    is_readable: bool,
}

impl<T> CodedLines<T> {
    /// Returns whether the file contains the code.
    pub(crate) fn knows(&self, code: &str) -> bool {
        !self.is_readable || self.numbers.contains_key(code)
    }

    /// Returns the line number of each code.
    pub(crate) fn line_numbers(&self) -> HashMap<String, u64> {
        self.numbers.clone()
    }

    /// Returns whether the parents of the code form a cycle.
    fn goes_in_circles(&self, code: &str) -> bool {
        let mut seen = HashSet::new();
        let mut current = Some(code);
        while let Some(code) = current {
            if !seen.insert(code) {
                return true;
            }
            current = self.parents.get(code).map(String::as_str);
        }
        false
    }

    /// Returns the lines in file order.
    pub(in crate::directory) fn in_file_order(self) -> Vec<T> {
        self.rows
    }

    /// Returns the lines with parents before children; lines in a cycle, which is reported as an error, come last.
    pub(crate) fn in_tree_order(self, code: impl Fn(&T) -> &str) -> Vec<T> {
        let above = |row: &T| std::iter::successors(self.parents.get(code(row)), |code| self.parents.get(*code));
        let depth = |row: &T| above(row).take(LONGEST_CHAIN).count();
        let mut rows: Vec<(usize, T)> = self.rows.into_iter().map(|row| (depth(&row), row)).collect();
        rows.sort_by_key(|(depth, _)| *depth);
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

/// Reads the lines of a file with codes; reports duplicate codes, unknown parents and cycles.
fn coded<T>(
    sheet: &ReferenceSheet,
    problems: &mut Vec<LoadProblem>,
    read: impl Fn(&SheetLine<'_>, String, &mut Vec<LoadProblem>) -> Option<T>,
) -> CodedLines<T> {
    let mut all =
        CodedLines { rows: Vec::new(), numbers: HashMap::new(), parents: HashMap::new(), is_readable: sheet.is_readable() };
    let mut children = Vec::new();
    for line in sheet.lines() {
        let code = line.code("code", problems);
        let parent = line.has("parent_code").then(|| line.optional_code("parent_code", problems)).flatten().flatten();
        let row = read(&line, code.clone().unwrap_or_default(), problems);
        let Some(code) = code else { continue };
        if let Some(earlier) = all.numbers.get(&code) {
            line.repeat("code", *earlier, problems);
            continue;
        }
        all.numbers.insert(code.clone(), line.number);
        if let Some(parent) = parent {
            all.parents.insert(code.clone(), parent.clone());
            children.push((line, code, parent));
        }
        all.rows.extend(row);
    }
    for (line, code, parent) in children {
        if !all.knows(&parent) {
            line.refuse("parent_code", FieldRule::UnknownCode, problems);
        } else if all.goes_in_circles(&code) {
            line.refuse("parent_code", FieldRule::NotAllowed, problems);
        }
    }
    all
}

/// Reads the areas file.
pub(crate) fn areas(file: &str, bytes: Option<&[u8]>, problems: &mut Vec<LoadProblem>) -> CodedLines<AreaLine> {
    let sheet = ReferenceSheet::read(file, bytes, &["code", "name", "type", "parent_code", "lat", "lng"], problems);
    coded(&sheet, problems, |line, code, problems| {
        let name = line.text("name", 1, LONGEST_NAME, problems);
        let kind = line.word("type", problems);
        let parent_code = line.parent();
        let latitude = line.optional_number("lat", -90.0, 90.0, problems);
        let longitude = line.optional_number("lng", -180.0, 180.0, problems);
        Some(AreaLine { code, name: name?, kind: kind?, parent_code, latitude: latitude?, longitude: longitude? })
    })
}

/// Reads the agencies file; each agency serves an area of the areas file.
pub(crate) fn agencies(
    file: &str,
    bytes: Option<&[u8]>,
    areas: &CodedLines<AreaLine>,
    problems: &mut Vec<LoadProblem>,
) -> CodedLines<AgencyLine> {
    let columns = ["code", "name", "short_name", "level", "kind", "parent_code", "area_code"];
    let sheet = ReferenceSheet::read(file, bytes, &columns, problems);
    coded(&sheet, problems, |line, code, problems| {
        let name = line.text("name", 1, LONGEST_NAME, problems);
        let short_name = line.text("short_name", 1, LONGEST_SHORT_NAME, problems);
        let level = line.word("level", problems);
        let kind = line.word("kind", problems);
        let parent_code = line.parent();
        let area_code = line.code("area_code", problems)?;
        if !areas.knows(&area_code) {
            line.refuse("area_code", FieldRule::UnknownCode, problems);
        }
        Some(AgencyLine { code, name: name?, short_name: short_name?, level: level?, kind: kind?, parent_code, area_code })
    })
}

/// Reads `categories.csv`; each category names a provincial department and a district division of the agencies
/// file.
pub(in crate::directory) fn categories(
    bytes: Option<&[u8]>,
    agencies: &CodedLines<AgencyLine>,
    problems: &mut Vec<LoadProblem>,
) -> CodedLines<CategoryLine> {
    let columns = [
        "code",
        "name_vi",
        "name_en",
        "default_provincial_agency_code",
        "district_division",
        "default_level",
        "processing_working_days",
        "examples",
    ];
    let sheet = ReferenceSheet::read(CATEGORIES, bytes, &columns, problems);
    let suffixes: HashSet<&str> = agencies.numbers.keys().filter_map(|code| Some(code.rsplit_once('-')?.1)).collect();
    let exists = |suffix: &str| !agencies.is_readable || suffixes.contains(suffix);
    coded(&sheet, problems, |line, code, problems| {
        let name_vi = line.text("name_vi", 1, LONGEST_NAME, problems);
        let name_en = line.text("name_en", 0, LONGEST_NAME, problems);
        let department_code = line.code("default_provincial_agency_code", problems);
        if department_code.as_ref().is_some_and(|code| !agencies.knows(code)) {
            line.refuse("default_provincial_agency_code", FieldRule::UnknownCode, problems);
        }
        let district_division = line.text("district_division", 1, LONGEST_SHORT_NAME, problems);
        if district_division.as_ref().is_some_and(|text| !text.split('|').all(exists)) {
            line.refuse("district_division", FieldRule::UnknownCode, problems);
        }
        let default_level = line.word("default_level", problems);
        let processing_working_days = line.number("processing_working_days", 1, MOST_WORKING_DAYS, problems);
        let examples = line.text("examples", 0, LONGEST_EXAMPLES, problems)?;
        Some(CategoryLine {
            code,
            name_vi: name_vi?,
            name_en: name_en.filter(|name| !name.is_empty()),
            department_code: department_code?,
            district_division: district_division?,
            default_level: default_level?,
            processing_working_days: processing_working_days?,
            examples: examples.split(';').map(|example| example.trim().to_owned()).filter(|e| !e.is_empty()).collect(),
        })
    })
}

/// Reads `holidays.csv`; each day may occur once.
pub(in crate::directory) fn holidays(bytes: Option<&[u8]>, problems: &mut Vec<LoadProblem>) -> Vec<HolidayLine> {
    let sheet = ReferenceSheet::read(HOLIDAYS, bytes, &["date", "name", "kind", "status"], problems);
    let mut numbers: HashMap<NaiveDate, u64> = HashMap::new();
    let mut days = Vec::new();
    for line in sheet.lines() {
        let day = line.day("date", problems);
        let name = line.text("name", 1, LONGEST_NAME, problems);
        let kind = line.word("kind", problems);
        let status = line.word::<Announcement>("status", problems);
        if let Some(earlier) = day.and_then(|day| numbers.insert(day, line.number)) {
            line.repeat("date", earlier, problems);
        }
        if let (Some(day), Some(name), Some(kind), Some(status)) = (day, name, kind, status) {
            days.push(HolidayLine { day, name, kind, is_official: status == Announcement::Official });
        }
    }
    days
}
