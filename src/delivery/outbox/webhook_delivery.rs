//! Sending to other systems, each by itself: one that does not answer holds up nobody else, and is put off as a whole.
//!
//! Rule: no more than [`SHARE`] lines of one system are on their way, whatever waits for it; after one that was not answered in time
//! nothing more is tried until the pause of that line is over.

use super::deliver::{DeliveryOutcome, DeliverySummary, deliver};
use crate::app::App;
use crate::db::leases::delivery_lease;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::back_off;
use crate::delivery::store::outbox::{self, OutboxRow};
use crate::kernel::Instant;
use crate::kernel::ids::WebhookId;
use futures_util::StreamExt;

/// Lines of one system that are on their way at the same time.
const SHARE: u8 = 4;

/// The systems for which something is due.
pub async fn receivers_due(app: &App) -> Result<Vec<WebhookId>, ServiceError> {
    let now = app.now();
    app.db.read(move |connection| Ok(outbox::receivers_due(connection, now)?)).await
}

/// Sends to one system until nothing is due for it any more, it does not answer, or the process is about to stop.
///
/// # Errors
/// Those of the database; lines in hand then come back when their time is over.
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
    // The line that was not answered may have been given up; the others wait all the same.
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
