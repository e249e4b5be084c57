//! Use cases on deadline rules: create, amend and end them (administrators).
//!
//! Rules: an amount may be omitted only if it defaults to the working days of the category; for every urgency a
//! rule for any category must stay in force, because nothing can be filed without one. Petitions keep their
//! deadline when a rule changes.

use super::ChangeScope;
use super::admin_change;
use super::admin_create;
use super::areas::End;
use super::checks;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::directory::rules::deadline::{DeadlineRule, DeadlineUnit, Urgency};
use crate::directory::rules::directory::Directory;
use crate::directory::store::deadline_rules::{self, StoredDeadlineRule};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::DeadlineRuleId;
use crate::kernel::paging::KeysetPage;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A deadline rule as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeadlineRuleRecord {
    /// Row number, for the paths of this API.
    pub id: DeadlineRuleId,
    /// Code of the category; none = any category.
    #[schema(required)]
    pub category: Option<String>,
    /// The urgency.
    pub urgency: Urgency,
    /// How many units; none = the category's working days.
    #[schema(required)]
    pub amount: Option<i32>,
    /// The unit.
    pub unit: DeadlineUnit,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force, when it has been ended.
    #[schema(required)]
    pub valid_to: Option<NaiveDate>,
    /// Raised by every change; for `If-Match`.
    pub version: i32,
}

/// A new deadline rule. One for a category comes before one for any; of several, the one in force last.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeadlineRule {
    /// Code of the category; none = any category.
    pub category: Option<String>,
    /// The urgency.
    pub urgency: Urgency,
    /// How many units; none = the category's working days.
    pub amount: Option<i32>,
    /// The unit.
    pub unit: DeadlineUnit,
    /// First day in force; today unless said otherwise.
    pub valid_from: Option<NaiveDate>,
}

/// What may be changed of a deadline rule; what is left out stays.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRuleChanges {
    /// How many units; `null` = the category's working days.
    #[serde(default, deserialize_with = "checks::sent")]
    #[schema(value_type = Option<i32>)]
    pub amount: Option<Option<i32>>,
    /// The unit.
    pub unit: Option<DeadlineUnit>,
}

impl From<&StoredDeadlineRule> for DeadlineRuleRecord {
    fn from(stored: &StoredDeadlineRule) -> Self {
        let rule = &stored.rule;
        Self {
            id: rule.id,
            category: rule.category_code.clone(),
            urgency: rule.urgency,
            amount: rule.amount,
            unit: rule.unit,
            valid_from: rule.valid_from,
            valid_to: rule.valid_to,
            version: stored.version,
        }
    }
}

const fn validity(rule: &DeadlineRule) -> Validity {
    Validity { from: rule.valid_from, to: rule.valid_to }
}

/// Returns one page of the rules in force on a day, or of all, in the order of creation.
///
/// # Errors
/// 422 on `on`.
pub async fn list(
    app: &App,
    on: Option<NaiveDate>,
    after: Option<DeadlineRuleId>,
    limit: i64,
) -> Result<KeysetPage<DeadlineRuleRecord, DeadlineRuleId>, ServiceError> {
    on.map_or(Ok(()), |on| checks::day(on).map(|_| ())).map_err(|rule| ServiceError::invalid("on", rule))?;
    let rules = app.db.read(deadline_rules::all).await?;
    let fits = |stored: &&StoredDeadlineRule| on.is_none_or(|on| validity(&stored.rule).covers(on));
    let records = rules.iter().filter(fits).map(DeadlineRuleRecord::from);
    Ok(KeysetPage::of(records, |record| record.id, after, limit))
}

/// Returns one rule.
///
/// # Errors
/// [`ErrorCode::RuleNotFound`].
pub async fn read(app: &App, id: DeadlineRuleId) -> Result<DeadlineRuleRecord, ServiceError> {
    app.db.read(move |connection| find(connection, id).map(|stored| DeadlineRuleRecord::from(&stored))).await
}

fn find(connection: &mut DbConnection, id: DeadlineRuleId) -> Result<StoredDeadlineRule, ServiceError> {
    let rules = deadline_rules::all(connection)?;
    Ok(rules.into_iter().find(|stored| stored.rule.id == id).ok_or(ErrorCode::RuleNotFound)?)
}

/// Creates a rule.
///
/// # Errors
/// 422 for each invalid field; those of the idempotency key.
pub async fn create(
    app: &App,
    by: &AuditActor,
    new: NewDeadlineRule,
    key: Option<RequestKey>,
) -> Result<DeadlineRuleRecord, ServiceError> {
    let today = app.now().local_date();
    admin_create(app, by, key, move |connection, directory| {
        let mut stored = StoredDeadlineRule { rule: checked(&new, directory, today)?, version: 1 };
        stored.rule.id = deadline_rules::insert(connection, &stored)?;
        let record = DeadlineRuleRecord::from(&stored);
        let event = AuditEvent::new("create_deadline_rule", "deadline_rule", record.id).created(&record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn checked(new: &NewDeadlineRule, directory: &Directory, today: NaiveDate) -> Result<DeadlineRule, ServiceError> {
    let mut problems = FieldProblems::default();
    let from = problems.take("valid_from", checks::day(new.valid_from.unwrap_or(today))).unwrap_or(today);
    if let Some(code) = &new.category {
        let found = directory.category_by_code(code, from);
        problems.take("category", checks::in_force(found, directory.knows_category_code(code), from));
    }
    problems.take("amount", amount(new.amount, new.unit));
    problems.finish()?;
    Ok(DeadlineRule {
        id: DeadlineRuleId(0),
        category_code: new.category.clone(),
        urgency: new.urgency,
        amount: new.amount,
        unit: new.unit,
        valid_from: from,
        valid_to: None,
    })
}

/// At most a year, so that deadlines stay within the horizon of the calendar.
fn amount(amount: Option<i32>, unit: DeadlineUnit) -> Result<(), FieldRule> {
    let most = match unit {
        DeadlineUnit::Hours => 24 * 365,
        DeadlineUnit::WorkingHours => 8 * 250,
        DeadlineUnit::WorkingDays => 250,
        DeadlineUnit::Days => 365,
    };
    match amount {
        None if unit == DeadlineUnit::WorkingDays => Ok(()),
        None => Err(FieldRule::Required),
        Some(amount) if (1..=most).contains(&amount) => Ok(()),
        Some(_) => Err(FieldRule::Between("1".to_owned(), most.to_string())),
    }
}

/// Amends a rule, for petitions filed from now on.
///
/// # Errors
/// [`ErrorCode::RuleNotFound`], [`ErrorCode::StaleVersion`]; 422 on `amount`.
pub async fn amend(
    app: &App,
    by: &AuditActor,
    id: DeadlineRuleId,
    changes: DeadlineRuleChanges,
    expected: Option<i32>,
) -> Result<DeadlineRuleRecord, ServiceError> {
    admin_change(app, by, move |connection, _| {
        let present = find(connection, id)?;
        checks::version(present.version, expected)?;
        let mut stored = present.clone();
        stored.rule.amount = changes.amount.unwrap_or(present.rule.amount);
        stored.rule.unit = changes.unit.unwrap_or(present.rule.unit);
        amount(stored.rule.amount, stored.rule.unit).map_err(|rule| ServiceError::invalid("amount", rule))?;
        if stored == present {
            return Ok((DeadlineRuleRecord::from(&present), ChangeScope::Nothing, AuditEvent::none()));
        }
        stored.version += 1;
        deadline_rules::update(connection, &stored)?;
        let record = DeadlineRuleRecord::from(&stored);
        let event = AuditEvent::new("change_deadline_rule", "deadline_rule", record.id)
            .updated(&DeadlineRuleRecord::from(&present), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

/// Ends a rule.
///
/// # Errors
/// [`ErrorCode::RuleNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`];
/// [`ErrorCode::LastOfItsKind`] when no rule for any category would remain for the urgency; 422 on `on`.
pub async fn end(
    app: &App,
    by: &AuditActor,
    id: DeadlineRuleId,
    end: End,
    expected: Option<i32>,
) -> Result<DeadlineRuleRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let present = find(connection, id)?;
        checks::version(present.version, expected)?;
        let mut stored = present.clone();
        stored.rule.valid_to = checks::end(validity(&stored.rule), end.on, today)?.to;
        if stored.rule.category_code.is_none() && !has_heir(directory, &stored.rule, end.on) {
            return Err(ErrorCode::LastOfItsKind.into());
        }
        stored.version += 1;
        deadline_rules::update(connection, &stored)?;
        let record = DeadlineRuleRecord::from(&stored);
        let event = AuditEvent::new("end_deadline_rule", "deadline_rule", record.id)
            .updated(&DeadlineRuleRecord::from(&present), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

/// Returns whether another rule for any category covers every day after the end.
fn has_heir(directory: &Directory, ended: &DeadlineRule, on: NaiveDate) -> bool {
    let next = on.succ_opt().unwrap_or(on);
    directory.deadline_rules().iter().any(|rule| {
        rule.id != ended.id
            && rule.category_code.is_none()
            && rule.urgency == ended.urgency
            && rule.valid_from <= next
            && rule.valid_to.is_none()
    })
}
