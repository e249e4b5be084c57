//! Use cases on routing rules: create, amend, reorder and end them (administrators).
//!
//! Rules: codes in conditions and targets must exist in the directory; words are stored without accents, because
//! they are compared with folded text; ended rules are kept, because petitions refer to the rule that decided.

use super::ChangeScope;
use super::admin_change;
use super::admin_create;
use super::areas::End;
use super::categories::division;
use super::checks;
use super::load_reference::POSITION_STEP;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::routing_rule::{Codes, RoutingConditions, RoutingRule, RoutingTarget};
use crate::directory::store::routing_rules;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::RoutingRuleId;
use crate::kernel::paging::KeysetPage;
use crate::kernel::search_text::fold;
use crate::kernel::text;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use utoipa::ToSchema;

const LONGEST_WORD: usize = 100;
const MOST_WORDS: usize = 100;
const LAST_POSITION: i32 = 1_000_000;

/// A routing rule as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoutingRuleRecord {
    /// Row number, for the paths of this API.
    pub id: RoutingRuleId,
    /// Place in the order; the smallest is tried first.
    pub position: i32,
    /// What people call it.
    pub name: String,
    /// What it matches.
    pub conditions: RoutingConditions,
    /// Where it sends.
    pub target: RoutingTarget,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force, when it has been ended.
    #[schema(required)]
    pub valid_to: Option<NaiveDate>,
    /// Raised by every change; for `If-Match`.
    pub version: i32,
}

/// A new routing rule.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoutingRule {
    /// What people call it.
    pub name: String,
    /// What it matches; everything, when empty.
    #[serde(default)]
    pub conditions: RoutingConditions,
    /// Where it sends.
    pub target: RoutingTarget,
    /// Place in the order; the end unless said otherwise.
    pub position: Option<i32>,
    /// First day in force; today unless said otherwise.
    pub valid_from: Option<NaiveDate>,
}

/// What may be changed of a routing rule; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingRuleChanges {
    /// What people call it.
    pub name: Option<String>,
    /// What it matches, as a whole.
    pub conditions: Option<RoutingConditions>,
    /// Where it sends.
    pub target: Option<RoutingTarget>,
    /// Place in the order.
    pub position: Option<i32>,
}

/// An order of routing rules.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingRuleOrder {
    /// Row numbers in the wanted order; rules that are left out come after these, in the order that they have now.
    pub rules: Vec<RoutingRuleId>,
}

impl From<&RoutingRule> for RoutingRuleRecord {
    fn from(rule: &RoutingRule) -> Self {
        Self {
            id: rule.id,
            position: rule.position,
            name: rule.name.clone(),
            conditions: rule.conditions.clone(),
            target: rule.target.clone(),
            valid_from: rule.validity.from,
            valid_to: rule.validity.to,
            version: rule.version,
        }
    }
}

/// Returns one page of the rules in force on a day, or of all, in evaluation order.
///
/// # Errors
/// 422 on `on`.
pub fn list(
    directory: &Directory,
    on: Option<NaiveDate>,
    after: Option<(i32, RoutingRuleId)>,
    limit: i64,
) -> Result<KeysetPage<&RoutingRule, (i32, RoutingRuleId)>, ServiceError> {
    on.map_or(Ok(()), |on| checks::day(on).map(|_| ())).map_err(|rule| ServiceError::invalid("on", rule))?;
    let fits = |rule: &&RoutingRule| on.is_none_or(|on| rule.validity.covers(on));
    Ok(KeysetPage::of(directory.routing_rules().iter().filter(fits), |rule| (rule.position, rule.id), after, limit))
}

/// Returns one rule.
///
/// # Errors
/// [`ErrorCode::RuleNotFound`].
pub fn find(directory: &Directory, id: RoutingRuleId) -> Result<&RoutingRule, ServiceError> {
    Ok(directory.routing_rule(id).ok_or(ErrorCode::RuleNotFound)?)
}

/// Creates a rule.
///
/// # Errors
/// 422 for each invalid field; those of the idempotency key.
pub async fn create(
    app: &App,
    by: &AuditActor,
    new: NewRoutingRule,
    key: Option<RequestKey>,
) -> Result<RoutingRuleRecord, ServiceError> {
    let today = app.now().local_date();
    admin_create(app, by, key, move |connection, directory| {
        let last = directory.routing_rules().iter().map(|rule| rule.position).max().unwrap_or(0);
        let mut problems = FieldProblems::default();
        let mut rule = checked(&new, directory, today, "", &mut problems);
        rule.position = match new.position {
            Some(position) => problems.take("position", checked_position(position)).unwrap_or_default(),
            None => last.saturating_add(POSITION_STEP),
        };
        problems.finish()?;
        rule.id = routing_rules::insert(connection, &rule)?;
        let record = RoutingRuleRecord::from(&rule);
        let event = AuditEvent::new("create_routing_rule", "routing_rule", record.id).created(&record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

/// Validates a rule; `path` prefixes its field names and is empty or ends with a dot.
pub(super) fn checked(
    new: &NewRoutingRule,
    directory: &Directory,
    today: NaiveDate,
    path: &str,
    problems: &mut FieldProblems,
) -> RoutingRule {
    let from = new.valid_from.unwrap_or(today);
    let from = problems.take(&format!("{path}valid_from"), checks::day(from)).unwrap_or(today);
    RoutingRule {
        id: RoutingRuleId(0),
        position: 0,
        name: problems.take(&format!("{path}name"), checks::name(&new.name)).unwrap_or_default(),
        conditions: checked_conditions(&new.conditions, directory, &format!("{path}conditions."), problems),
        target: checked_target(&new.target, directory, from, &format!("{path}target."), problems),
        validity: Validity::since(from),
        version: 1,
    }
}

fn checked_position(position: i32) -> Result<i32, FieldRule> {
    let is_possible = (0..=LAST_POSITION).contains(&position);
    if is_possible { Ok(position) } else { Err(FieldRule::Between("0".to_owned(), LAST_POSITION.to_string())) }
}

fn checked_conditions(
    conditions: &RoutingConditions,
    directory: &Directory,
    path: &str,
    problems: &mut FieldProblems,
) -> RoutingConditions {
    let mut conditions = conditions.clone();
    let codes = conditions.category.as_ref().map(Codes::as_slice);
    if codes.is_some_and(<[String]>::is_empty) {
        problems.add(format!("{path}category"), FieldRule::Required);
    }
    if codes.unwrap_or_default().iter().any(|code| !directory.knows_category_code(code)) {
        problems.add(format!("{path}category"), FieldRule::UnknownCode);
    }
    if conditions.area.as_ref().is_some_and(|code| !directory.knows_area_code(code)) {
        problems.add(format!("{path}area"), FieldRule::UnknownCode);
    }
    if conditions.from_time.is_some() && conditions.from_time == conditions.to_time {
        problems.add(format!("{path}to_time"), FieldRule::NotAllowed);
    }
    if conditions.words.len() > MOST_WORDS {
        problems.add(format!("{path}words"), FieldRule::Between("0".to_owned(), MOST_WORDS.to_string()));
    }
    let word = |(place, word): (usize, &String)| {
        let word = problems.take(&format!("{path}words[{place}]"), text::clean_line(word, 1, LONGEST_WORD));
        word.map(|word| fold(&word)).unwrap_or_default()
    };
    conditions.words = conditions.words.iter().enumerate().map(word).collect();
    conditions
}

fn checked_target(
    target: &RoutingTarget,
    directory: &Directory,
    day: NaiveDate,
    path: &str,
    problems: &mut FieldProblems,
) -> RoutingTarget {
    match target {
        RoutingTarget::Agency(code) => {
            let found = directory.agency_by_code(code, day);
            problems.take(&format!("{path}agency"), checks::in_force(found, directory.knows_agency_code(code), day));
        }
        RoutingTarget::DivisionInDistrict(suffixes) => {
            problems.take(&format!("{path}division_in_district"), division(directory, suffixes));
        }
        RoutingTarget::CommuneOfPlace(_) | RoutingTarget::DepartmentOfCategory(_) => {}
    }
    target.clone()
}

/// Amends a rule. Petitions it has already routed are not moved.
///
/// # Errors
/// [`ErrorCode::RuleNotFound`], [`ErrorCode::StaleVersion`]; 422 for each invalid field.
pub async fn amend(
    app: &App,
    by: &AuditActor,
    id: RoutingRuleId,
    changes: RoutingRuleChanges,
    expected: Option<i32>,
) -> Result<RoutingRuleRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let present = find(directory, id)?;
        checks::version(present.version, expected)?;
        let mut rule = amended(present, &changes, directory, today)?;
        if rule == *present {
            return Ok((RoutingRuleRecord::from(present), ChangeScope::Nothing, AuditEvent::none()));
        }
        rule.version += 1;
        routing_rules::update(connection, &rule)?;
        let record = RoutingRuleRecord::from(&rule);
        let event =
            AuditEvent::new("change_routing_rule", "routing_rule", record.id).updated(&RoutingRuleRecord::from(present), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn amended(
    present: &RoutingRule,
    changes: &RoutingRuleChanges,
    directory: &Directory,
    today: NaiveDate,
) -> Result<RoutingRule, ServiceError> {
    let mut rule = present.clone();
    let mut problems = FieldProblems::default();
    if let Some(name) = &changes.name {
        rule.name = problems.take("name", checks::name(name)).unwrap_or_default();
    }
    if let Some(conditions) = &changes.conditions {
        rule.conditions = checked_conditions(conditions, directory, "conditions.", &mut problems);
    }
    if let Some(target) = &changes.target {
        let day = today.max(present.validity.from);
        rule.target = checked_target(target, directory, day, "target.", &mut problems);
    }
    if let Some(position) = changes.position {
        rule.position = problems.take("position", checked_position(position)).unwrap_or_default();
    }
    problems.finish()?;
    Ok(rule)
}

/// Sets the order of all rules; returns how many positions changed.
///
/// # Errors
/// 422 on `rules` when a row id is unknown or occurs twice.
pub async fn reorder(app: &App, by: &AuditActor, order: RoutingRuleOrder) -> Result<usize, ServiceError> {
    admin_change(app, by, move |connection, directory| {
        let mut wanted: Vec<&RoutingRule> = Vec::new();
        for (place, id) in order.rules.iter().enumerate() {
            let rule = directory.routing_rule(*id).filter(|rule| !wanted.contains(rule));
            let field = || ServiceError::invalid(format!("rules[{place}]"), FieldRule::UnknownCode);
            wanted.push(rule.ok_or_else(field)?);
        }
        wanted.extend(directory.routing_rules().iter().filter(|rule| !order.rules.contains(&rule.id)));
        let mut moved = 0;
        let mut position = 0;
        let (mut before, mut after) = (Map::new(), Map::new());
        for rule in wanted {
            position += POSITION_STEP;
            if rule.position != position {
                let former = rule.position;
                let rule = RoutingRule { position, version: rule.version + 1, ..rule.clone() };
                routing_rules::update(connection, &rule)?;
                before.insert(rule.id.to_string(), former.into());
                after.insert(rule.id.to_string(), position.into());
                moved += 1;
            }
        }
        if moved == 0 {
            return Ok((moved, ChangeScope::Nothing, AuditEvent::none()));
        }
        let event =
            AuditEvent::new("reorder_routing_rules", "routing_rules", "positions").with("before", before).with("after", after);
        Ok((moved, ChangeScope::Directory, event))
    })
    .await
}

/// Ends a rule.
///
/// # Errors
/// [`ErrorCode::RuleNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`]; 422 on `on`.
pub async fn end(
    app: &App,
    by: &AuditActor,
    id: RoutingRuleId,
    end: End,
    expected: Option<i32>,
) -> Result<RoutingRuleRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let present = find(directory, id)?;
        checks::version(present.version, expected)?;
        let mut rule = present.clone();
        rule.validity = checks::end(present.validity, end.on, today)?;
        rule.version += 1;
        routing_rules::update(connection, &rule)?;
        let record = RoutingRuleRecord::from(&rule);
        let event =
            AuditEvent::new("end_routing_rule", "routing_rule", record.id).updated(&RoutingRuleRecord::from(present), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}
