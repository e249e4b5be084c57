//! Reads the three CSV files of a reform, agencies, areas and successors, as lines with resolved references.
//!
//! Agencies and areas have the format of the reference data and use the same parser. Every error of every file is
//! reported with file, line and column.

use crate::directory::checks;
use crate::directory::load_reference::LoadProblem;
use crate::directory::load_reference::lines::{self, AgencyLine, AreaLine, CodedLines};
use crate::directory::load_reference::sheet::{ReferenceSheet, SheetLine};
use crate::directory::rules::agency::SuccessionRelation;
use crate::directory::rules::directory::Directory;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::AgencyId;
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// A file and the name used in error messages; no bytes when it was not found.
#[derive(Debug, Clone, Default)]
pub struct ReformFile {
    /// For example `agencies-2025.csv`.
    pub name: String,
    pub bytes: Option<Vec<u8>>,
}

/// A reform as data: everything in force from one day on, and the successions.
#[derive(Debug, Clone, Default)]
pub struct ReformFiles {
    /// Every area from that day on.
    pub areas: ReformFile,
    /// Every agency from that day on.
    pub agencies: ReformFile,
    /// Which agency succeeds which.
    pub successors: ReformFile,
}

/// The lines of all three files; areas and agencies with their line numbers, parents first.
pub(super) struct ReformLines {
    pub areas: Vec<(u64, AreaLine)>,
    pub agencies: Vec<(u64, AgencyLine)>,
    pub arrows: Vec<SuccessionLine>,
}

/// A line of the successors file.
pub(super) struct SuccessionLine {
    pub number: u64,
    pub old: AgencyId,
    pub old_code: String,
    pub new_code: String,
    pub relation: SuccessionRelation,
    pub is_primary: bool,
}

/// The first day of the new order and the last day of the old one.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReformDays {
    pub on: NaiveDate,
    pub eve: NaiveDate,
}

/// Reads all three files against the present directory.
pub(super) fn read(files: &ReformFiles, before: &Directory, turn: ReformDays, problems: &mut Vec<LoadProblem>) -> ReformLines {
    let areas = lines::areas(&files.areas.name, files.areas.bytes.as_deref(), problems);
    let agencies = lines::agencies(&files.agencies.name, files.agencies.bytes.as_deref(), &areas, problems);
    let arrows = arrows(&files.successors, &agencies, before, turn, problems);
    ReformLines { areas: numbered(areas, |area| &area.code), agencies: numbered(agencies, |agency| &agency.code), arrows }
}

fn numbered<T>(lines: CodedLines<T>, code: impl Fn(&T) -> &str + Copy) -> Vec<(u64, T)> {
    let numbers = lines.line_numbers();
    let number = |row: &T| numbers.get(code(row)).copied().unwrap_or_default();
    lines.in_tree_order(code).into_iter().map(|row| (number(&row), row)).collect()
}

fn arrows(
    file: &ReformFile,
    agencies: &CodedLines<AgencyLine>,
    before: &Directory,
    turn: ReformDays,
    problems: &mut Vec<LoadProblem>,
) -> Vec<SuccessionLine> {
    let columns = ["old_code", "new_code", "effective_date", "relation", "is_primary"];
    let sheet = ReferenceSheet::read(&file.name, file.bytes.as_deref(), &columns, problems);
    let mut groups = SuccessionGroups::default();
    let mut arrows = Vec::new();
    for line in sheet.lines() {
        let is_of_that_day = groups.check_day(&line, turn, problems);
        let old_code = line.code("old_code", problems);
        // With a wrong day, whether the agency was in force cannot be judged.
        let judged = old_code.as_ref().filter(|_| is_of_that_day);
        let old = judged.and_then(|code| ended_agency(&line, code, before, turn, problems));
        let new_code = line.code("new_code", problems);
        if new_code.as_ref().is_some_and(|code| !agencies.knows(code)) {
            line.refuse("new_code", FieldRule::UnknownCode, problems);
        }
        let relation = line.word::<SuccessionRelation>("relation", problems);
        let is_primary = line.number("is_primary", 0, 1, problems).map(|number| number == 1);
        if let (Some(old), Some(new)) = (&old_code, &new_code) {
            groups.check_pair(&line, old, new, problems);
        }
        match (&old_code, is_primary) {
            (Some(old), Some(is_primary)) => groups.check_primary(&line, old, is_primary, problems),
            (Some(old), None) => _ = groups.unread.insert(old.clone()),
            (None, _) => {}
        }
        if let (Some(old), Some(old_code), Some(new_code), Some(relation), Some(is_primary)) =
            (old, old_code, new_code, relation, is_primary)
        {
            arrows.push(SuccessionLine { number: line.number, old, old_code, new_code, relation, is_primary });
        }
    }
    for line in sheet.lines() {
        groups.check_whole(&line, problems);
    }
    arrows
}

/// Returns the ended agency, which must be in force on the last day of the old order.
fn ended_agency(
    line: &SheetLine<'_>,
    code: &str,
    before: &Directory,
    turn: ReformDays,
    problems: &mut Vec<LoadProblem>,
) -> Option<AgencyId> {
    let found = checks::in_force(before.agency_by_code(code, turn.eve), before.knows_agency_code(code), turn.eve);
    found.map_err(|rule| line.refuse("old_code", rule, problems)).ok().map(|agency| agency.id)
}

/// Checks across all lines of one old agency.
#[derive(Default)]
struct SuccessionGroups {
    pairs: HashMap<(String, String), u64>,
    primaries: HashMap<String, u64>,
    sizes: HashMap<String, usize>,
    wrong_days: Vec<Option<NaiveDate>>,
    told: HashMap<String, u64>,
    /// Old agencies with an unreadable main mark, for which it is unknown whether one successor is main.
    unread: HashSet<String>,
}

impl SuccessionGroups {
    /// Checks that the line is for the day of the reform. A wrong day is on every line, so it is reported once.
    fn check_day(&mut self, line: &SheetLine<'_>, turn: ReformDays, problems: &mut Vec<LoadProblem>) -> bool {
        let mut own = Vec::new();
        let day = line.day("effective_date", &mut own);
        if own.is_empty() && day != Some(turn.on) && !self.wrong_days.contains(&day) {
            self.wrong_days.push(day);
            line.refuse("effective_date", FieldRule::OneOf(vec![turn.on.to_string()]), &mut own);
        }
        problems.append(&mut own);
        day == Some(turn.on)
    }

    fn check_pair(&mut self, line: &SheetLine<'_>, old: &str, new: &str, problems: &mut Vec<LoadProblem>) {
        if let Some(earlier) = self.pairs.get(&(old.to_owned(), new.to_owned())) {
            line.repeat("new_code", *earlier, problems);
            return;
        }
        self.pairs.insert((old.to_owned(), new.to_owned()), line.number);
        *self.sizes.entry(old.to_owned()).or_default() += 1;
    }

    fn check_primary(&mut self, line: &SheetLine<'_>, old: &str, is_primary: bool, problems: &mut Vec<LoadProblem>) {
        if !is_primary {
            return;
        }
        match self.primaries.get(old) {
            Some(earlier) => line.repeat("is_primary", *earlier, problems),
            None => {
                self.primaries.insert(old.to_owned(), line.number);
            }
        }
    }

    /// Checks that each old agency has one main successor, and several successors only if its tasks were divided.
    /// Reported on its first line.
    fn check_whole(&mut self, line: &SheetLine<'_>, problems: &mut Vec<LoadProblem>) {
        let mut unread = Vec::new();
        let Some(old) = line.code("old_code", &mut unread) else { return };
        let relation = line.word::<SuccessionRelation>("relation", &mut unread);
        let size = self.sizes.get(&old).copied().unwrap_or_default();
        if relation.is_some_and(|relation| relation != SuccessionRelation::Split) && size > 1 {
            line.refuse("relation", FieldRule::OneOf(vec![SuccessionRelation::Split.to_string()]), problems);
        }
        let is_first = self.told.insert(old.clone(), line.number).is_none();
        if is_first && !self.primaries.contains_key(&old) && !self.unread.contains(&old) {
            line.refuse("is_primary", FieldRule::Required, problems);
        }
    }
}
