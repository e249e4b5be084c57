//! Routing rules that name what a reform ends: the old rule ends with it, and rules for its successors begin.
//!
//! A code means something only together with a day: a rule for xã Mão Điền (09409) must not become one for the larger phường
//! Mão Điền (09409) because nobody looked. Rule kept here: an agency whose tasks were divided stays the target, because routing
//! then follows the place of each case; everything else that a rule names is replaced by its heir, or by several rules, one for
//! each heir of an area. Only what this run ends is looked at, so that a second run finds nothing.

use super::read::ReformDays;
use crate::directory::rules::agency::{Agency, AgencyKind};
use crate::directory::rules::area::Area;
use crate::directory::rules::directory::{Directory, DirectoryEntry};
use crate::directory::rules::routing_rule::{RoutingRule, RoutingTarget};
use crate::kernel::ids::{AreaId, RoutingRuleId};
use crate::kernel::validity::Validity;

/// One rule that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleChange {
    /// The rule as it stands afterwards.
    pub rule: RoutingRule,
    /// What begins in its place; nothing where the area has no successor.
    pub begun: Vec<RoutingRule>,
    /// What it named.
    pub before: RoutingRule,
}

/// Every rule that is applied on the first day of the new order or later and names what ends.
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
    // A rule that begins only after the reform and was written before it has no day left to end on: it becomes the first heir.
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

/// The only heir of an agency. Of several none, unless somebody else has the code now, who would get everything.
fn successor_target(agency: &Agency, after: &Directory, turn: ReformDays) -> Option<RoutingTarget> {
    let mut arrows: Vec<_> = after.successions().iter().filter(|arrow| arrow.old_agency_id == agency.id).collect();
    arrows.sort_by_key(|arrow| !arrow.is_primary);
    let code_is_used_again = after.agency_by_code(&agency.code, turn.on).is_some();
    let (first, others) = arrows.split_first()?;
    let successor = after.agency(first.new_agency_id)?;
    (others.is_empty() || code_is_used_again).then(|| RoutingTarget::Agency(successor.code.clone()))
}

/// Where the agencies of an area have their heirs: those of its People's Committee where it has one, of all its bodies otherwise.
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
