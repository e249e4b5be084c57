//! Delivers webhooks, each subscription separately: one that does not respond delays no other and is put on hold as a
//! whole.
//!
//! Rule: at most [`SHARE`] rows of one subscription are in flight; after a timeout nothing more is sent to it until
//! the retry delay of that row is over.

use super::deliver::{DeliveryOutcome, DeliverySummary, deliver};
use crate::app::App;
use crate::db::leases::delivery_lease;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::back_off;
use crate::delivery::store::outbox::{self, OutboxRow};
use crate::kernel::Instant;
use crate::kernel::ids::WebhookId;
use futures_util::StreamExt;

/// Maximum rows of one subscription in flight.
const SHARE: u8 = 4;

/// Returns the subscriptions that have due rows.
pub async fn receivers_due(app: &App) -> Result<Vec<WebhookId>, ServiceError> {
    let now = app.now();
    app.db.read(move |connection| Ok(outbox::receivers_due(connection, now)?)).await
}

/// Sends to one subscription until nothing is due, it times out, or the process is shutting down.
///
/// # Errors
/// Those of the database; claimed rows become available again when their claim expires.
pub async fn deliver_to(
    app: &App,
    holder: &str,
    webhook: WebhookId,
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
) -> Result<DeliverySummary, ServiceError> {
    let mut total = DeliverySummary::default();
    while !is_stopping() {
        let lines = claim(app, holder, webhook).await?;
        if lines.is_empty() {
            break;
        }
        total.taken += lines.len();
        let sent = futures_util::stream::iter(lines).map(|line| deliver(app, holder, line));
        let sent: Vec<Result<DeliveryOutcome, ServiceError>> = sent.buffer_unordered(SHARE.into()).collect().await;
        let mut silent_until = None;
        for done in sent {
            let done = done?;
            total.delivered += usize::from(done.is_delivered);
            silent_until = silent_until.max(done.silent_until);
        }
        if let Some(until) = silent_until {
            postpone(app, webhook, until).await?;
            break;
        }
    }
    Ok(total)
}

async fn claim(app: &App, holder: &str, webhook: WebhookId) -> Result<Vec<OutboxRow>, ServiceError> {
    let (now, until) = (app.now(), delivery_lease(app));
    let holder = holder.to_owned();
    app.db.write(move |connection| Ok(outbox::claim_for(connection, webhook, &holder, (now, until), SHARE.into())?)).await
}

async fn postpone(app: &App, webhook: WebhookId, until: Instant) -> Result<(), ServiceError> {
    let now = app.now();
    // The row that timed out may have been given up; the others wait nevertheless.
    let until = if until > now {
        until
    } else {
        now.plus(back_off::pause(app.config.retry_seconds, back_off::MOST_ATTEMPTS, app.entropy.bits()))
    };
    let waiting =
        app.db.write(move |connection| Ok::<_, ServiceError>(outbox::put_off(connection, webhook, now, until)?)).await?;
    tracing::warn!(webhook = webhook.0, until = %until.to_rfc3339(), waiting, "webhook receiver not responding, deliveries paused");
    Ok(())
}
