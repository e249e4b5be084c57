//! The directory on the shelves: areas, agencies, categories, rules and the working calendar.
//!
//! `directory` reads all of it at once with [`load`] and keeps the snapshot in memory; changes go through the
//! insert and update functions of the noun modules. Nothing is ever deleted but entries of the calendar.

pub mod agencies;
pub mod areas;
pub mod calendar;
pub mod categories;
mod columns;
pub mod deadline_rules;
pub mod directory_digests;
pub mod replay;
pub mod routing_rules;
pub mod state;

use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::webhook::Subscription;
use crate::delivery::store::webhooks;
use crate::directory::rules::directory::DirectoryParts;

/// Reads the whole directory as it stands in this transaction.
pub fn load(connection: &mut DbConnection) -> Result<DirectoryParts, StorageError> {
    let state = state::read(connection)?;
    Ok(DirectoryParts {
        agencies: agencies::all(connection)?,
        successions: agencies::successions(connection)?,
        areas: areas::all(connection)?,
        categories: categories::all(connection)?,
        routing_rules: routing_rules::all(connection)?,
        deadline_rules: deadline_rules::all(connection)?.into_iter().map(|stored| stored.rule).collect(),
        calendar: calendar::load(connection, state.calendar_version)?,
        subscriptions: subscriptions(connection)?,
        version: state.directory_version,
    })
}

fn subscriptions(connection: &mut DbConnection) -> Result<Vec<Subscription>, StorageError> {
    let rows = webhooks::all(connection)?;
    Ok(rows.iter().filter(|row| row.ended_at.is_none()).map(webhooks::WebhookRow::subscription).collect())
}
