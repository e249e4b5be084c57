//! The initial rules of a new directory: routing by category, deadlines by urgency, usual working sessions.
//!
//! Created once where no rule exists; administrators maintain them afterwards.

use super::store::LoadSummary;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::area::Level;
use crate::directory::rules::calendar::WorkingSession;
use crate::directory::rules::category::Category;
use crate::directory::rules::deadline::{DeadlineRule, DeadlineUnit, Urgency};
use crate::directory::rules::routing_rule::{Codes, RoutingConditions, RoutingRule, RoutingTarget, Yes};
use crate::directory::store::deadline_rules::{self, StoredDeadlineRule};
use crate::directory::store::{calendar, categories, routing_rules};
use crate::kernel::ids::{DeadlineRuleId, RoutingRuleId};
use crate::kernel::validity::Validity;
use chrono::NaiveDate;

/// Gap between rule positions, so that a rule can be inserted in between.
pub const POSITION_STEP: i32 = 10;

/// Creates the missing rules.
pub(super) fn complete(connection: &mut DbConnection, since: NaiveDate, summary: &mut LoadSummary) -> Result<(), StorageError> {
    route_every_category(connection, since, summary)?;
    if deadline_rules::all(connection)?.is_empty() {
        for rule in usual_deadlines(since) {
            deadline_rules::insert(connection, &StoredDeadlineRule { rule, version: 1 })?;
            summary.count_rule();
        }
    }
    if calendar::sessions(connection)?.is_empty() {
        for session in WorkingSession::usual(since) {
            calendar::insert_session(connection, &session)?;
            summary.count_session();
        }
    }
    Ok(())
}

fn route_every_category(connection: &mut DbConnection, since: NaiveDate, summary: &mut LoadSummary) -> Result<(), StorageError> {
    let present = routing_rules::all(connection)?;
    let is_routed = |code: &String| {
        let codes = present.iter().filter_map(|rule| rule.conditions.category.as_ref());
        codes.into_iter().any(|codes| codes.as_slice().contains(code))
    };
    let mut position = present.iter().map(|rule| rule.position).max().unwrap_or(0);
    for category in categories::all(connection)?.iter().filter(|category| !is_routed(&category.code)) {
        position += POSITION_STEP;
        routing_rules::insert(connection, &default_rule_of(category, position, since))?;
        summary.count_rule();
    }
    Ok(())
}

/// Returns the rule that routes a category by its `default_level`: to the commune of the place, the division of the
/// place's district, or the provincial department.
#[must_use]
pub fn default_rule_of(category: &Category, position: i32, since: NaiveDate) -> RoutingRule {
    let target = match category.default_level {
        Level::Commune => RoutingTarget::CommuneOfPlace(Yes),
        Level::District => RoutingTarget::DivisionInDistrict(category.district_division.clone()),
        Level::Province => RoutingTarget::DepartmentOfCategory(Yes),
    };
    RoutingRule {
        id: RoutingRuleId(0),
        position,
        name: category.name_vi.clone(),
        conditions: RoutingConditions { category: Some(Codes::One(category.code.clone())), ..RoutingConditions::default() },
        target,
        validity: Validity::since(since),
        version: 1,
    }
}

/// Normal: the category's own time; urgent: 4 working hours; complex: 20 days (docs/contract.md §7.1).
fn usual_deadlines(since: NaiveDate) -> [DeadlineRule; 3] {
    let rule = |urgency, amount, unit| DeadlineRule {
        id: DeadlineRuleId(0),
        category_code: None,
        urgency,
        amount,
        unit,
        valid_from: since,
        valid_to: None,
    };
    [
        rule(Urgency::Normal, None, DeadlineUnit::WorkingDays),
        rule(Urgency::Urgent, Some(4), DeadlineUnit::WorkingHours),
        rule(Urgency::Complex, Some(20), DeadlineUnit::Days),
    ]
}
