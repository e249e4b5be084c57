//! Database access for the directory: areas, agencies, categories, rules and the working calendar.
//!
//! `directory` reads everything at once with [`load`] and caches the snapshot in memory; changes go through the
//! insert and update functions of the submodules. Only calendar entries are ever deleted.

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

/// Loads the whole directory as this transaction sees it.
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
