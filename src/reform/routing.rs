//! Replaces routing rules that name agencies or areas ended by a reform: the old rule ends, rules for the successors
//! begin.
//!
//! A code has a meaning only together with a day: a rule for xã Mão Điền (09409) must not silently become one for the
//! larger phường Mão Điền (09409). An agency whose tasks were divided stays the target, because routing then follows
//! the place of each case; every other ended name is replaced by its successor, or by several rules, one for each
//! successor of an area. Only entries ended by this run are considered, so a second run finds nothing.

use super::read::ReformDays;
use crate::directory::rules::agency::{Agency, AgencyKind};
use crate::directory::rules::area::Area;
use crate::directory::rules::directory::{Directory, DirectoryEntry};
use crate::directory::rules::routing_rule::{RoutingRule, RoutingTarget};
use crate::kernel::ids::{AreaId, RoutingRuleId};
use crate::kernel::validity::Validity;

/// A changed routing rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleChange {
    /// The rule afterwards.
    pub rule: RoutingRule,
    /// The rules that replace it; empty where the area has no successor.
    pub begun: Vec<RoutingRule>,
    /// The rule before.
    pub before: RoutingRule,
}

/// Returns the changes of every rule that applies on the first day of the new order or later and names an ended entry.
pub(super) fn changes(
    before: &Directory,
    after: &Directory,
    areas: &[Area],
    agencies: &[Agency],
    turn: ReformDays,
) -> Vec<RuleChange> {
    let lasting = before.routing_rules().iter().filter(|rule| !rule.validity.ended_before(turn.on));
    lasting.filter_map(|rule| change(rule, after, areas, agencies, turn)).collect()
}

fn change(rule: &RoutingRule, after: &Directory, areas: &[Area], agencies: &[Agency], turn: ReformDays) -> Option<RuleChange> {
    let area = rule.conditions.area.as_ref().and_then(|code| areas.iter().find(|area| area.code == *code));
    let target = match &rule.target {
        RoutingTarget::Agency(code) => {
            agencies.iter().find(|agency| agency.code == *code).and_then(|agency| successor_target(agency, after, turn))
        }
        _ => None,
    };
    if area.is_none() && target.is_none() {
        return None;
    }
    let places = match area {
        Some(area) => successors_of_area(area, after, turn).into_iter().map(|successor| Some(successor.code.clone())).collect(),
        None => vec![rule.conditions.area.clone()],
    };
    let successor = |place: Option<String>| {
        let mut successor = rule.clone();
        successor.id = RoutingRuleId(0);
        successor.conditions.area = place;
        successor.target = target.clone().unwrap_or_else(|| rule.target.clone());
        successor.validity = Validity { from: turn.on.max(rule.validity.from), ..rule.validity };
        successor.version = 1;
        successor
    };
    let mut begun: Vec<RoutingRule> = places.into_iter().map(successor).collect();
    // A rule that begins only after the reform but was written before it has no day left to end on: it becomes the
    // first replacement.
    let changed = match rule.validity.from < turn.on {
        false if !begun.is_empty() => RoutingRule { id: rule.id, ..begun.remove(0) },
        _ => {
            let last = turn.eve.max(rule.validity.from);
            RoutingRule { validity: Validity { to: Some(last), ..rule.validity }, ..rule.clone() }
        }
    };
    let changed = RoutingRule { version: rule.version + 1, ..changed };
    Some(RuleChange { rule: changed, begun, before: rule.clone() })
}

/// Returns the only successor of an agency. With several, returns `None`, or the main one if the code is in use again,
/// because the agency that has it now would otherwise get everything.
fn successor_target(agency: &Agency, after: &Directory, turn: ReformDays) -> Option<RoutingTarget> {
    let mut arrows: Vec<_> = after.successions().iter().filter(|arrow| arrow.old_agency_id == agency.id).collect();
    arrows.sort_by_key(|arrow| !arrow.is_primary);
    let code_is_used_again = after.agency_by_code(&agency.code, turn.on).is_some();
    let (first, others) = arrows.split_first()?;
    let successor = after.agency(first.new_agency_id)?;
    (others.is_empty() || code_is_used_again).then(|| RoutingTarget::Agency(successor.code.clone()))
}

/// Returns the successor areas of an area, through the successors of its agencies: of its People's Committee if it has
/// one, otherwise of all its agencies.
fn successors_of_area<'a>(area: &Area, after: &'a Directory, turn: ReformDays) -> Vec<&'a Area> {
    let of_area = |agency: &&Agency| agency.validity().covers(turn.eve);
    let mut bodies: Vec<&Agency> =
        after.agencies_in(area.id).filter(of_area).filter(|agency| agency.kind == AgencyKind::PeoplesCommittee).collect();
    if bodies.is_empty() {
        bodies = after.agencies_in(area.id).filter(of_area).collect();
    }
    let arrows = after.successions().iter().filter(|arrow| bodies.iter().any(|body| body.id == arrow.old_agency_id));
    let mut successors: Vec<AreaId> = Vec::new();
    for successor in arrows.filter_map(|arrow| after.agency(arrow.new_agency_id)) {
        if !successors.contains(&successor.area_id) {
            successors.push(successor.area_id);
        }
    }
    successors.into_iter().filter_map(|id| after.area(id)).collect()
}
