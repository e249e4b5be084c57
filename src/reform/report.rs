//! The report of a reform or its preview: counts, moves from old to new agencies, changed rules, and entries without
//! successor.

use super::moves::ReformMoves;
use super::plan::ReformPlan;
use super::routing::RuleChange;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::routing_rule::{RoutingRule, RoutingTarget};
use crate::kernel::ids::{AgencyId, RoutingRuleId};
use crate::petitions::file::CodeName;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// What a reform did, or in a dry run would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReformReport {
    /// First day of the new order.
    pub on: NaiveDate,
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// Agencies whose last day is the day before.
    pub agencies_ended: usize,
    /// New agencies.
    pub agencies_begun: usize,
    /// Areas whose last day is the day before.
    pub areas_ended: usize,
    /// New areas.
    pub areas_begun: usize,
    /// Pairs of an agency and one that takes over from it.
    pub successions: usize,
    /// Open petitions that go to a successor.
    pub petitions_moved: usize,
    /// Open petitions without a successor, which go to the coordinator's desk.
    pub petitions_to_coordinator: usize,
    /// Officers who go to a successor.
    pub officers_moved: i64,
    /// Rules that ended or were changed because they named what ended.
    pub rules_changed: usize,
    /// Who goes where, by the code of the old agency.
    pub moves: Vec<AgencyMove>,
    /// Agencies that ended without a successor.
    pub without_successor: Vec<Heirless>,
    /// What became of each rule that changed.
    pub rules: Vec<RuleMove>,
}

/// From one agency to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgencyMove {
    /// The agency that ended.
    pub from: CodeName,
    /// The one that took over.
    pub to: CodeName,
    /// Open petitions that move.
    pub petitions: usize,
    /// Officers who move.
    pub officers: i64,
}

/// An agency that ended and has no successor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Heirless {
    /// The agency.
    pub agency: CodeName,
    /// Its open petitions, which go to the coordinator's desk.
    pub petitions: usize,
    /// Its officers, who stay where they are until an administrator finds them a place.
    pub officers: i64,
}

/// A rule that named an area or an agency that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleMove {
    /// Row number of the rule.
    pub id: RoutingRuleId,
    /// What people call it.
    pub name: String,
    /// Code of the area that it named.
    #[schema(required)]
    pub old_area: Option<String>,
    /// Codes of the areas that the rules in its place name; none where there are no such rules.
    pub new_areas: Vec<String>,
    /// Code of the agency that it named.
    #[schema(required)]
    pub old_agency: Option<String>,
    /// Code of the agency that the rules in its place name.
    #[schema(required)]
    pub new_agency: Option<String>,
}

impl ReformReport {
    /// Returns whether the reform changes nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.agencies_ended == 0
            && self.agencies_begun == 0
            && self.areas_ended == 0
            && self.areas_begun == 0
            && self.successions == 0
            && self.petitions_moved == 0
            && self.petitions_to_coordinator == 0
            && self.officers_moved == 0
            && self.rules_changed == 0
    }

    /// Builds the report of a plan; names come from the directory afterwards.
    pub(super) fn of(plan: &ReformPlan, moves: &ReformMoves, after: &Directory, on: NaiveDate, dry_run: bool) -> Self {
        let pairs = pairs(moves);
        let count = |is_counted: fn(&Option<AgencyId>) -> bool| {
            moves.petitions.iter().filter(|(_, _, successor)| is_counted(successor)).count()
        };
        Self {
            on,
            dry_run,
            agencies_ended: plan.agencies_ended.len(),
            agencies_begun: plan.agencies_begun.len(),
            areas_ended: plan.areas_ended.len(),
            areas_begun: plan.areas_begun.len(),
            successions: plan.successions.len(),
            petitions_moved: count(Option::is_some),
            petitions_to_coordinator: count(Option::is_none),
            officers_moved: moves.officers.values().filter(|(successor, _)| successor.is_some()).map(|(_, count)| count).sum(),
            rules_changed: plan.rules.len(),
            moves: table(&pairs, after),
            without_successor: without_successor(plan, &pairs, after),
            rules: plan.rules.iter().map(RuleMove::of).collect(),
        }
    }
}

type MovePairs = BTreeMap<(AgencyId, Option<AgencyId>), (usize, i64)>;

fn pairs(moves: &ReformMoves) -> MovePairs {
    let mut pairs = MovePairs::new();
    for (_, from, to) in &moves.petitions {
        pairs.entry((*from, *to)).or_default().0 += 1;
    }
    for (from, (to, count)) in &moves.officers {
        pairs.entry((*from, *to)).or_default().1 += count;
    }
    pairs
}

fn named(directory: &Directory, id: AgencyId) -> CodeName {
    let agency = directory.agency(id);
    agency.map_or_else(CodeName::unknown, |agency| CodeName { code: agency.code.clone(), name: agency.name.clone() })
}

fn table(pairs: &MovePairs, after: &Directory) -> Vec<AgencyMove> {
    let mut rows: Vec<AgencyMove> = pairs
        .iter()
        .filter_map(|((from, to), (petitions, officers))| {
            let (from, to) = (named(after, *from), named(after, (*to)?));
            Some(AgencyMove { from, to, petitions: *petitions, officers: *officers })
        })
        .collect();
    rows.sort_by(|one, other| (&one.from.code, &one.to.code).cmp(&(&other.from.code, &other.to.code)));
    rows
}

fn without_successor(plan: &ReformPlan, pairs: &MovePairs, after: &Directory) -> Vec<Heirless> {
    let succeeded: BTreeSet<AgencyId> = after.successions().iter().map(|arrow| arrow.old_agency_id).collect();
    let ended = plan.agencies_ended.iter().map(|agency| agency.id).filter(|id| !succeeded.contains(id));
    let left: BTreeSet<AgencyId> = pairs.keys().filter(|(_, to)| to.is_none()).map(|(from, _)| *from).chain(ended).collect();
    let row = |id: AgencyId| {
        let (petitions, officers) = pairs.get(&(id, None)).copied().unwrap_or_default();
        Heirless { agency: named(after, id), petitions, officers }
    };
    let mut rows: Vec<Heirless> = left.into_iter().map(row).collect();
    rows.sort_by(|one, other| one.agency.code.cmp(&other.agency.code));
    rows
}

impl RuleMove {
    fn of(change: &RuleChange) -> Self {
        let agency = |rule: &RoutingRule| match &rule.target {
            RoutingTarget::Agency(code) => Some(code.clone()),
            _ => None,
        };
        // A rule with no day left to end on was replaced in place by the first of the new ones.
        let is_first_heir = change.rule.validity.to == change.before.validity.to;
        let successors = || change.begun.iter().chain(is_first_heir.then_some(&change.rule));
        let mut new_areas: Vec<String> = successors().filter_map(|rule| rule.conditions.area.clone()).collect();
        new_areas.sort_unstable();
        Self {
            id: change.rule.id,
            name: change.rule.name.clone(),
            old_area: change.before.conditions.area.clone(),
            new_areas,
            old_agency: agency(&change.before),
            new_agency: successors().find_map(agency),
        }
    }
}
