//! Outbox rows for webhooks: each subscription has its own limit, and one that times out is put on hold with all its
//! rows.

use super::OutboxRow;
use super::claim::claimed;
use crate::db::dialect::lock::skip_locked;
use crate::db::schema::outbox;
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::OutboxState;
use crate::kernel::Instant;
use crate::kernel::ids::WebhookId;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

/// The stored reason of rows that wait because their receiver timed out.
pub const NO_ANSWER: &str = "timeout";

/// Returns the subscriptions with due rows that nobody has claimed.
pub fn receivers_due(connection: &mut DbConnection, now: Instant) -> Result<Vec<WebhookId>, StorageError> {
    let free = outbox::held_until.is_null().or(outbox::held_until.lt(now));
    let due = outbox::table.filter(outbox::state.eq(OutboxState::Due)).filter(outbox::due_at.le(now)).filter(free);
    let found: Vec<Option<WebhookId>> =
        due.filter(outbox::webhook_id.is_not_null()).select(outbox::webhook_id).distinct().load(connection)?;
    Ok(found.into_iter().flatten().collect())
}

/// Claims rows of one subscription until a time, oldest first, so that at most its share is claimed by all instances
/// together. Nothing is claimed while the subscription is on hold, including rows added meanwhile.
pub fn claim_for(
    connection: &mut DbConnection,
    webhook: WebhookId,
    holder: &str,
    (now, until): (Instant, Instant),
    share: i64,
) -> Result<Vec<OutboxRow>, StorageError> {
    let due = outbox::table.filter(outbox::webhook_id.eq(webhook)).filter(outbox::state.eq(OutboxState::Due));
    let unanswered = due.filter(outbox::problem.eq(NO_ANSWER)).filter(outbox::due_at.gt(now));
    let put_off_until: Option<Instant> = unanswered.select(max(outbox::due_at)).get_result(connection)?;
    if let Some(until) = put_off_until {
        put_off(connection, webhook, now, until)?;
        return Ok(Vec::new());
    }
    let in_hand: i64 = due.filter(outbox::held_until.ge(now)).select(count_star()).get_result(connection)?;
    let statement = format!(
        "UPDATE outbox SET holder = $1, held_until = $2 WHERE id IN (SELECT line.id FROM outbox AS line WHERE line.state = 'due' \
         AND line.webhook_id = $3 AND line.due_at <= $4 AND (line.held_until IS NULL OR line.held_until < $5) \
         ORDER BY line.due_at, line.id LIMIT $6{}) RETURNING id",
        skip_locked(connection)
    );
    let claim = diesel::sql_query(statement)
        .bind::<Text, _>(holder)
        .bind::<Timestamp, _>(until)
        .bind::<BigInt, _>(webhook)
        .bind::<Timestamp, _>(now)
        .bind::<Timestamp, _>(now)
        .bind::<BigInt, _>((share - in_hand).max(0));
    claimed(connection, claim)
}

/// Postpones every unclaimed row of a subscription that is due before `until`; returns the number of rows.
pub fn put_off(connection: &mut DbConnection, webhook: WebhookId, now: Instant, until: Instant) -> Result<usize, StorageError> {
    let earlier = outbox::table
        .filter(outbox::webhook_id.eq(webhook))
        .filter(outbox::state.eq(OutboxState::Due))
        .filter(outbox::due_at.lt(until))
        .filter(outbox::held_until.is_null().or(outbox::held_until.lt(now)));
    Ok(diesel::update(earlier).set(outbox::due_at.eq(until)).execute(connection)?)
}

/// Makes the postponed rows of a subscription due: someone reported that it responds again.
pub fn wake(connection: &mut DbConnection, webhook: WebhookId, now: Instant) -> Result<usize, StorageError> {
    let later = outbox::table
        .filter(outbox::webhook_id.eq(webhook))
        .filter(outbox::state.eq(OutboxState::Due))
        .filter(outbox::due_at.gt(now));
    Ok(diesel::update(later).set(outbox::due_at.eq(now)).execute(connection)?)
}
