//! Rows of `deadline_rules`.

use crate::db::schema::deadline_rules;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::deadline::{DeadlineRule, DeadlineUnit, Urgency};
use crate::kernel::ids::DeadlineRuleId;
use chrono::NaiveDate;
use diesel::prelude::*;

#[derive(Queryable)]
struct DeadlineRuleRow {
    id: DeadlineRuleId,
    category_code: Option<String>,
    urgency: Urgency,
    amount: Option<i32>,
    unit: DeadlineUnit,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

/// A rule with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDeadlineRule {
    pub rule: DeadlineRule,
    /// Raised by every change.
    pub version: i32,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = deadline_rules, treat_none_as_null = true)]
struct DeadlineRuleValues<'a> {
    category_code: Option<&'a str>,
    urgency: Urgency,
    amount: Option<i32>,
    unit: DeadlineUnit,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

impl From<DeadlineRuleRow> for StoredDeadlineRule {
    fn from(row: DeadlineRuleRow) -> Self {
        let rule = DeadlineRule {
            id: row.id,
            category_code: row.category_code,
            urgency: row.urgency,
            amount: row.amount,
            unit: row.unit,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        };
        Self { rule, version: row.version }
    }
}

impl<'a> From<&'a StoredDeadlineRule> for DeadlineRuleValues<'a> {
    fn from(stored: &'a StoredDeadlineRule) -> Self {
        let rule = &stored.rule;
        Self {
            category_code: rule.category_code.as_deref(),
            urgency: rule.urgency,
            amount: rule.amount,
            unit: rule.unit,
            valid_from: rule.valid_from,
            valid_to: rule.valid_to,
            version: stored.version,
        }
    }
}

/// Returns all deadline rules of any day.
pub fn all(connection: &mut DbConnection) -> Result<Vec<StoredDeadlineRule>, StorageError> {
    let rows: Vec<DeadlineRuleRow> = deadline_rules::table.order(deadline_rules::id).load(connection)?;
    Ok(rows.into_iter().map(StoredDeadlineRule::from).collect())
}

/// Inserts a new rule; the database assigns its row id.
pub fn insert(connection: &mut DbConnection, rule: &StoredDeadlineRule) -> Result<DeadlineRuleId, StorageError> {
    let insert = diesel::insert_into(deadline_rules::table).values(DeadlineRuleValues::from(rule));
    Ok(insert.returning(deadline_rules::id).get_result(connection)?)
}

/// Updates all columns of an existing rule; the caller has raised its version.
pub fn update(connection: &mut DbConnection, rule: &StoredDeadlineRule) -> Result<(), StorageError> {
    diesel::update(deadline_rules::table.find(rule.rule.id)).set(DeadlineRuleValues::from(rule)).execute(connection)?;
    Ok(())
}
