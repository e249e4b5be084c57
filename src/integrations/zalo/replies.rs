//! Sends conversation replies: in order per person, retried while Zalo certainly did not accept them, never twice.

use super::send::{ZaloMessage, send};
use crate::app::App;
use crate::db::leases::delivery_lease;
use crate::db::service_error::ServiceError;
use crate::delivery::channels::{DeliveryReport, ZaloChannel};
use crate::delivery::rules::{AttemptOutcome, OutboxState, back_off};
use crate::integrations::zalo::store::replies::{self, ZaloReplyRow};
use crate::kernel::Instant;
use futures_util::StreamExt;

/// Messages to different people sent concurrently. No more are claimed, because a claim would expire while its
/// message waits.
const AT_ONCE: u8 = 4;

/// Sends due messages; returns how many were claimed.
///
/// # Errors
/// Those of the database; claimed messages become available again when their claim expires.
pub async fn deliver_due(app: &App, channel: &ZaloChannel, holder: &str) -> Result<usize, ServiceError> {
    let (now, until) = (app.now(), delivery_lease(app));
    let mine = holder.to_owned();
    let rows = app
        .db
        .write(move |connection| Ok::<_, ServiceError>(replies::claim(connection, &mine, now, until, AT_ONCE.into())?))
        .await?;
    let taken = rows.len();
    let done: Vec<Result<(), ServiceError>> = futures_util::stream::iter(rows)
        .map(|row| deliver(app, channel, holder, row))
        .buffer_unordered(AT_ONCE.into())
        .collect()
        .await;
    done.into_iter().collect::<Result<(), _>>()?;
    Ok(taken)
}

async fn deliver(app: &App, channel: &ZaloChannel, holder: &str, row: ZaloReplyRow) -> Result<(), ServiceError> {
    let report = if row.is_uncertain {
        DeliveryReport::failed(AttemptOutcome::Uncertain, "an instance was killed while it sent this")
    } else {
        let (id, mine, until) = (row.id, holder.to_owned(), delivery_lease(app));
        if !app.db.write(move |connection| Ok::<_, ServiceError>(replies::begin_attempt(connection, &mine, id, until)?)).await? {
            return Ok(());
        }
        send(app, channel, &ZaloMessage::Message { user: row.oa_user_id.clone(), text: row.text.clone() }).await?
    };
    let after = after(row, report, app.now(), app.entropy.bits(), app.config.retry_seconds);
    let mine = holder.to_owned();
    app.db.write(move |connection| Ok::<_, ServiceError>(replies::settle(connection, &mine, &after).map(drop)?)).await
}

/// Returns the row after an attempt.
fn after(row: ZaloReplyRow, report: DeliveryReport, at: Instant, bits: u64, retry_seconds: u32) -> ZaloReplyRow {
    let attempts = row.attempts + 1;
    let is_uncertain = report.outcome == AttemptOutcome::Uncertain;
    let mut row = ZaloReplyRow {
        attempts,
        is_uncertain,
        holder: None,
        held_until: None,
        problem: report.problem,
        reference: report.reference,
        ..row
    };
    let state = match report.outcome {
        AttemptOutcome::Delivered => OutboxState::Delivered,
        AttemptOutcome::Refused | AttemptOutcome::Skipped | AttemptOutcome::Bounced => OutboxState::Dropped,
        AttemptOutcome::Uncertain => OutboxState::Dead,
        AttemptOutcome::Unreached if report.is_gone || attempts >= back_off::MOST_ATTEMPTS => OutboxState::Dead,
        AttemptOutcome::Unreached => {
            row.due_at = at.plus(back_off::pause(retry_seconds, attempts, bits));
            return row;
        }
    };
    row.state = state;
    row.settled_at = Some(at);
    row.text = String::new();
    row
}
