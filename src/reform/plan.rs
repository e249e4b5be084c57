//! Plans the directory changes of a reform without storing anything: what ends, what begins, who succeeds whom.
//!
//! The files list everything in force from the given day: an entry in force before but missing ends on the day before,
//! and an unchanged entry stays. Results of an earlier run are recognised and left alone, so a second run changes
//! nothing. New entries have provisional row numbers until the database assigns theirs.

use super::read::{ReformDays, ReformFiles, ReformLines, SuccessionLine, read};
use super::routing::{self, RuleChange};
use crate::directory::areas::parent_problem;
use crate::directory::load_reference::LoadProblem;
use crate::directory::load_reference::lines::{AgencyLine, AreaLine};
use crate::directory::load_reference::problem::LoadFault;
use crate::directory::rules::agency::{Agency, Succession};
use crate::directory::rules::area::{Area, Level};
use crate::directory::rules::directory::Directory;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{AgencyId, AreaId};
use crate::kernel::search_text::fold;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap, HashSet};

/// All directory changes of a reform.
pub(super) struct ReformPlan {
    /// Areas with their last day.
    pub areas_ended: Vec<Area>,
    /// New areas, parents first.
    pub areas_begun: Vec<Area>,
    /// Agencies with their last day.
    pub agencies_ended: Vec<Agency>,
    /// New agencies, parents first.
    pub agencies_begun: Vec<Agency>,
    pub successions: Vec<Succession>,
    /// Routing rules that named an ended agency or area.
    pub rules: Vec<RuleChange>,
    /// Agencies that must be empty afterwards: those that end now or were ended by an earlier run.
    pub emptied: BTreeSet<AgencyId>,
    /// The directory afterwards.
    pub after: Directory,
}

impl ReformPlan {
    /// Returns whether the directory already matches the files.
    pub(super) fn is_done(&self) -> bool {
        self.areas_ended.is_empty()
            && self.areas_begun.is_empty()
            && self.agencies_ended.is_empty()
            && self.agencies_begun.is_empty()
            && self.successions.is_empty()
            && self.rules.is_empty()
    }
}

/// Plans the changes of a directory.
///
/// # Errors
/// Every error in the files.
pub(super) fn plan(files: &ReformFiles, before: &Directory, on: NaiveDate) -> Result<ReformPlan, Vec<LoadProblem>> {
    let turn = ReformDays { on, eve: on.pred_opt().unwrap_or(on) };
    let mut problems = Vec::new();
    let reform = read(files, before, turn, &mut problems);
    let mut drawing = ReformPlanner::new(before, files, turn);
    drawing.areas(&reform, &mut problems);
    drawing.agencies(&reform, &mut problems);
    drawing.arrows(&reform.arrows, &mut problems);
    if problems.is_empty() {
        return Ok(drawing.finish(&reform));
    }
    problems.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    Err(problems)
}

/// The plan under construction.
struct ReformPlanner<'a> {
    before: &'a Directory,
    files: &'a ReformFiles,
    turn: ReformDays,
    area_ids: HashMap<&'a str, (AreaId, Level)>,
    areas_staying: HashSet<AreaId>,
    areas_begun: Vec<Area>,
    agency_ids: HashMap<&'a str, AgencyId>,
    agencies_staying: HashSet<AgencyId>,
    agencies_begun: Vec<Agency>,
    successions: Vec<Succession>,
}

impl<'a> ReformPlanner<'a> {
    fn new(before: &'a Directory, files: &'a ReformFiles, turn: ReformDays) -> Self {
        Self {
            before,
            files,
            turn,
            area_ids: HashMap::new(),
            areas_staying: HashSet::new(),
            areas_begun: Vec::new(),
            agency_ids: HashMap::new(),
            agencies_staying: HashSet::new(),
            agencies_begun: Vec::new(),
            successions: Vec::new(),
        }
    }

    fn areas(&mut self, reform: &'a ReformLines, problems: &mut Vec<LoadProblem>) {
        let mut refuse = |line, column, value: &str, rule| problems.push(cell(&self.files.areas.name, line, column, value, rule));
        let mut next = self.before.areas().iter().map(|area| area.id.0).max().unwrap_or_default();
        for (number, line) in &reform.areas {
            // If the parent's own line is invalid, follow-up errors are not reported.
            let Ok(parent) = above(line.parent_code.as_deref(), &self.area_ids) else { continue };
            let parent_id = parent.map(|(id, _)| id);
            let present = self.before.area_by_code(&line.code, self.turn.on);
            if let Some(area) = present.filter(|area| area.validity.from == self.turn.on || is_same_area(area, line, parent_id)) {
                self.areas_staying.insert(area.id);
                self.area_ids.insert(&line.code, (area.id, area.level()));
                continue;
            }
            next += 1;
            let area = new_area(line, AreaId(next), parent_id, self.turn.on);
            if self.before.areas().iter().any(|later| later.code == line.code && later.validity.from > self.turn.on) {
                refuse(*number, "code", &line.code, FieldRule::Taken);
            }
            if let Some(rule) = parent_problem(area.level(), parent.map(|(_, level)| level)) {
                refuse(*number, "parent_code", line.parent_code.as_deref().unwrap_or_default(), rule);
            }
            self.area_ids.insert(&line.code, (area.id, area.level()));
            self.areas_begun.push(area);
        }
        // An entry that an earlier run began on the same day cannot end before it: different files for one day
        // contradict each other.
        let begun_already = self.before.areas().iter().filter(|area| begins_on(area.validity, self.turn.on));
        for area in begun_already.filter(|area| !self.areas_staying.contains(&area.id)) {
            let rule = FieldRule::LineMissing(area.code.clone());
            problems.push(cell(&self.files.areas.name, 1, "code", "", rule));
        }
    }

    fn agencies(&mut self, reform: &'a ReformLines, problems: &mut Vec<LoadProblem>) {
        let mut refuse =
            |line, column, value: &str, rule| problems.push(cell(&self.files.agencies.name, line, column, value, rule));
        let named: HashSet<AgencyId> = reform.arrows.iter().map(|arrow| arrow.old).collect();
        let one_person = approved_by_one_person(self.before, &reform.arrows);
        let mut next = self.before.agencies().iter().map(|agency| agency.id.0).max().unwrap_or_default();
        for (number, line) in &reform.agencies {
            let Ok(parent_id) = above(line.parent_code.as_deref(), &self.agency_ids) else { continue };
            let Some((area_id, level)) = self.area_ids.get(line.area_code.as_str()).copied() else { continue };
            let present = self.before.agency_by_code(&line.code, self.turn.on);
            let is_done = |agency: &&Agency| agency.validity.from == self.turn.on;
            let stays = |agency: &&Agency| !named.contains(&agency.id) && is_same_agency(agency, line, parent_id, area_id);
            if let Some(agency) = present.filter(|agency| is_done(agency) || stays(agency)) {
                self.agencies_staying.insert(agency.id);
                self.agency_ids.insert(&line.code, agency.id);
                continue;
            }
            let is_later = |agency: &Agency| agency.validity.from > self.turn.on;
            let goes_on = present.is_some_and(|agency| !named.contains(&agency.id));
            if goes_on {
                refuse(*number, "code", &line.code, FieldRule::ChangedWithoutSuccessor);
            } else if self.before.agencies_of_code(&line.code).any(is_later) {
                refuse(*number, "code", &line.code, FieldRule::Taken);
            }
            if level != line.level {
                refuse(*number, "level", line.level.as_str(), FieldRule::OneOf(vec![level.to_string()]));
            }
            next += 1;
            let two_person = !one_person.contains(line.code.as_str());
            self.agency_ids.insert(&line.code, AgencyId(next));
            self.agencies_begun.push(Agency {
                id: AgencyId(next),
                code: line.code.clone(),
                name: line.name.clone(),
                short_name: line.short_name.clone(),
                search_name: Agency::search_name_of(&line.code, &line.name, &line.short_name),
                level: line.level,
                kind: line.kind,
                parent_id,
                area_id,
                two_person_approval: two_person,
                validity: Validity::since(self.turn.on),
                version: 1,
            });
        }
        let begun_already = self.before.agencies().iter().filter(|agency| begins_on(agency.validity, self.turn.on));
        for agency in begun_already.filter(|agency| !self.agencies_staying.contains(&agency.id)) {
            let rule = FieldRule::LineMissing(agency.code.clone());
            problems.push(cell(&self.files.agencies.name, 1, "code", "", rule));
        }
    }

    fn arrows(&mut self, arrows: &[SuccessionLine], problems: &mut Vec<LoadProblem>) {
        let mut present: HashMap<AgencyId, Vec<AgencyId>> = HashMap::new();
        for arrow in self.before.successions() {
            present.entry(arrow.old_agency_id).or_default().push(arrow.new_agency_id);
        }
        let mut wanted: HashMap<AgencyId, HashSet<AgencyId>> = HashMap::new();
        for line in arrows {
            wanted.entry(line.old).or_default().extend(self.agency_ids.get(line.new_code.as_str()));
        }
        for line in arrows {
            let mut refuse = |column, value: &str, rule| {
                problems.push(cell(&self.files.successors.name, line.number, column, value, rule));
            };
            let Some(successor) = self.agency_ids.get(line.new_code.as_str()).copied() else { continue };
            if successor == line.old {
                refuse("new_code", &line.new_code, FieldRule::NotAllowed);
            }
            let successors = present.get(&line.old).map(Vec::as_slice).unwrap_or_default();
            // An administrator has ended it manually and named a different successor.
            let is_wanted = |successor: &AgencyId| wanted.get(&line.old).is_some_and(|wanted| wanted.contains(successor));
            if !successors.iter().all(is_wanted) {
                refuse("old_code", &line.old_code, FieldRule::Taken);
            }
            if !successors.contains(&successor) {
                self.successions.push(Succession {
                    old_agency_id: line.old,
                    new_agency_id: successor,
                    effective_on: self.turn.on,
                    relation: line.relation,
                    is_primary: line.is_primary,
                });
            }
        }
    }

    fn finish(self, reform: &ReformLines) -> ReformPlan {
        let ReformDays { on, eve } = self.turn;
        let ends = |validity: Validity| validity.from < on && validity.covers(on);
        let ended = |validity: Validity| Validity { to: Some(eve), ..validity };
        let areas = self.before.areas().iter().filter(|area| ends(area.validity) && !self.areas_staying.contains(&area.id));
        let areas_ended: Vec<Area> =
            areas.map(|area| Area { validity: ended(area.validity), version: area.version + 1, ..area.clone() }).collect();
        let agencies = self.before.agencies().iter();
        let agencies = agencies.filter(|agency| ends(agency.validity) && !self.agencies_staying.contains(&agency.id));
        let agencies_ended: Vec<Agency> = agencies
            .map(|agency| Agency { validity: ended(agency.validity), version: agency.version + 1, ..agency.clone() })
            .collect();
        let mut emptied: BTreeSet<AgencyId> = agencies_ended.iter().map(|agency| agency.id).collect();
        emptied.extend(reform.arrows.iter().map(|arrow| arrow.old));

        let mut parts = self.before.parts();
        let is_ended: HashSet<AreaId> = areas_ended.iter().map(|area| area.id).collect();
        parts.areas.retain(|area| !is_ended.contains(&area.id));
        parts.areas.extend(areas_ended.iter().chain(&self.areas_begun).cloned());
        let is_ended: HashSet<AgencyId> = agencies_ended.iter().map(|agency| agency.id).collect();
        parts.agencies.retain(|agency| !is_ended.contains(&agency.id));
        parts.agencies.extend(agencies_ended.iter().chain(&self.agencies_begun).cloned());
        parts.successions.extend(self.successions.iter().cloned());
        let after = Directory::new(parts);
        let rules = routing::changes(self.before, &after, &areas_ended, &agencies_ended, self.turn);
        ReformPlan {
            areas_ended,
            areas_begun: self.areas_begun,
            agencies_ended,
            agencies_begun: self.agencies_begun,
            successions: self.successions,
            rules,
            emptied,
            after,
        }
    }
}

fn cell(file: &str, line: u64, column: &'static str, value: &str, rule: FieldRule) -> LoadProblem {
    LoadProblem { file: file.to_owned(), line, fault: LoadFault::Cell { column, value: value.to_owned(), rule } }
}

/// Resolves a code of the same file; `Err` when its own line was invalid.
fn above<T: Copy>(code: Option<&str>, ids: &HashMap<&str, T>) -> Result<Option<T>, ()> {
    match code {
        None => Ok(None),
        Some(code) => ids.get(code).copied().map(Some).ok_or(()),
    }
}

fn is_same_area(area: &Area, line: &AreaLine, parent_id: Option<AreaId>) -> bool {
    area.name == line.name && area.kind == line.kind && area.parent_id == parent_id
}

fn is_same_agency(agency: &Agency, line: &AgencyLine, parent_id: Option<AgencyId>, area_id: AreaId) -> bool {
    agency.name == line.name
        && agency.short_name == line.short_name
        && agency.level == line.level
        && agency.kind == line.kind
        && agency.parent_id == parent_id
        && agency.area_id == area_id
}

fn new_area(line: &AreaLine, id: AreaId, parent_id: Option<AreaId>, on: NaiveDate) -> Area {
    Area {
        id,
        code: line.code.clone(),
        name: line.name.clone(),
        search_name: fold(&line.name),
        kind: line.kind,
        parent_id,
        latitude: line.latitude,
        longitude: line.longitude,
        validity: Validity::since(on),
        version: 1,
    }
}

/// Returns the successors all of whose main predecessors had two-person approval switched off; they inherit that
/// setting.
fn approved_by_one_person<'a>(before: &Directory, arrows: &'a [SuccessionLine]) -> HashSet<&'a str> {
    let mut alone: HashMap<&str, bool> = HashMap::new();
    for arrow in arrows.iter().filter(|arrow| arrow.is_primary) {
        let is_alone = before.agency(arrow.old).is_some_and(|agency| !agency.two_person_approval);
        alone.entry(&arrow.new_code).and_modify(|all| *all &= is_alone).or_insert(is_alone);
    }
    alone.into_iter().filter_map(|(code, all)| all.then_some(code)).collect()
}

/// Returns whether the validity begins on that day and has no end.
fn begins_on(validity: Validity, day: NaiveDate) -> bool {
    validity.from == day && validity.to.is_none()
}
