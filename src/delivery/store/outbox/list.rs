//! Queries of the outbox for administrators and metrics.

use super::OutboxRow;
use crate::db::connection::MultiBackend;
use crate::db::schema::{outbox, petitions};
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::{OutboxChannel, OutboxState};
use crate::kernel::Instant;
use crate::kernel::ids::{OutboxId, PetitionId, WebhookId};
use diesel::dsl::{count_star, min};
use diesel::prelude::*;

/// Filter of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxFilter {
    pub state: Option<OutboxState>,
    pub channel: Option<OutboxChannel>,
    /// For this webhook subscription.
    pub webhook: Option<WebhookId>,
    pub petition: Option<PetitionId>,
}

/// Returns rows with their petition codes, newest first, with ids below `before`.
pub fn list(
    connection: &mut DbConnection,
    filter: &OutboxFilter,
    before: Option<OutboxId>,
    limit: i64,
) -> Result<Vec<(OutboxRow, Option<String>)>, StorageError> {
    let mut lines = outbox::table
        .left_join(petitions::table.on(outbox::petition_id.eq(petitions::id.nullable())))
        .into_boxed::<MultiBackend>();
    if let Some(state) = filter.state {
        lines = lines.filter(outbox::state.eq(state));
    }
    if let Some(channel) = filter.channel {
        lines = lines.filter(outbox::channel.eq(channel));
    }
    if let Some(webhook) = filter.webhook {
        lines = lines.filter(outbox::webhook_id.eq(webhook));
    }
    if let Some(petition) = filter.petition {
        lines = lines.filter(outbox::petition_id.eq(petition));
    }
    if let Some(before) = before {
        lines = lines.filter(outbox::id.lt(before));
    }
    let lines = lines.select((OutboxRow::as_select(), petitions::code.nullable())).order(outbox::id.desc()).limit(limit);
    Ok(lines.load(connection)?)
}

/// Row counts by state.
pub type OutboxTotals = Vec<(OutboxState, i64)>;

/// Returns the number of pending and dead rows; settled ones are not counted.
pub fn totals(connection: &mut DbConnection) -> Result<OutboxTotals, StorageError> {
    let mut totals = Vec::new();
    for state in [OutboxState::Due, OutboxState::Dead] {
        let count = outbox::table.filter(outbox::state.eq(state)).select(count_star()).get_result(connection)?;
        totals.push((state, count));
    }
    Ok(totals)
}

/// Unsettled rows of one class of receivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxBacklogRow {
    /// Rows that are due.
    pub due: i64,
    /// Rows that are due later.
    pub put_off: i64,
    /// Rows that were given up.
    pub dead: i64,
    /// Due time of the oldest due row.
    pub oldest_due: Option<Instant>,
}

/// Returns the unsettled rows, for people or for webhooks.
pub fn waiting(connection: &mut DbConnection, is_for_people: bool, now: Instant) -> Result<OutboxBacklogRow, StorageError> {
    let lines = || outbox::table.filter(outbox::webhook_id.is_null().eq(is_for_people));
    let in_state = |state: OutboxState| lines().filter(outbox::state.eq(state));
    let due = || in_state(OutboxState::Due).filter(outbox::due_at.le(now));
    let put_off = in_state(OutboxState::Due).filter(outbox::due_at.gt(now));
    Ok(OutboxBacklogRow {
        due: due().select(count_star()).get_result(connection)?,
        put_off: put_off.select(count_star()).get_result(connection)?,
        dead: in_state(OutboxState::Dead).select(count_star()).get_result(connection)?,
        oldest_due: due().select(min(outbox::due_at)).get_result(connection)?,
    })
}
