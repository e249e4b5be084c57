//! Rows of `routing_rules`; conditions and target are stored as JSON columns.

use crate::db::columns::Json;
use crate::db::schema::routing_rules;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::routing_rule::{RoutingConditions, RoutingRule, RoutingTarget};
use crate::kernel::ids::RoutingRuleId;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use diesel::prelude::*;

#[derive(Queryable)]
struct RoutingRuleRow {
    id: RoutingRuleId,
    position: i32,
    name: String,
    conditions: Json<RoutingConditions>,
    target: Json<RoutingTarget>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = routing_rules, treat_none_as_null = true)]
struct RoutingRuleValues<'a> {
    position: i32,
    name: &'a str,
    conditions: Json<RoutingConditions>,
    target: Json<RoutingTarget>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

impl From<RoutingRuleRow> for RoutingRule {
    fn from(row: RoutingRuleRow) -> Self {
        Self {
            id: row.id,
            position: row.position,
            name: row.name,
            conditions: row.conditions.0,
            target: row.target.0,
            validity: Validity { from: row.valid_from, to: row.valid_to },
            version: row.version,
        }
    }
}

impl<'a> From<&'a RoutingRule> for RoutingRuleValues<'a> {
    fn from(rule: &'a RoutingRule) -> Self {
        Self {
            position: rule.position,
            name: &rule.name,
            conditions: Json(rule.conditions.clone()),
            target: Json(rule.target.clone()),
            valid_from: rule.validity.from,
            valid_to: rule.validity.to,
            version: rule.version,
        }
    }
}

/// Returns all routing rules of any day, in evaluation order.
pub fn all(connection: &mut DbConnection) -> Result<Vec<RoutingRule>, StorageError> {
    let rows: Vec<RoutingRuleRow> = routing_rules::table.order((routing_rules::position, routing_rules::id)).load(connection)?;
    Ok(rows.into_iter().map(RoutingRule::from).collect())
}

/// Inserts a new rule; the database assigns its row id.
pub fn insert(connection: &mut DbConnection, rule: &RoutingRule) -> Result<RoutingRuleId, StorageError> {
    let insert = diesel::insert_into(routing_rules::table).values(RoutingRuleValues::from(rule));
    Ok(insert.returning(routing_rules::id).get_result(connection)?)
}

/// Updates all columns of an existing rule; the caller has raised its version.
pub fn update(connection: &mut DbConnection, rule: &RoutingRule) -> Result<(), StorageError> {
    diesel::update(routing_rules::table.find(rule.id)).set(RoutingRuleValues::from(rule)).execute(connection)?;
    Ok(())
}
