//! One round of the document exchange: what is due goes out, what waits comes in.
//!
//! One instance at a time, by a lease that is long enough for slow gateways; two at once would only send messages twice, which
//! receivers know by their identifier.

use crate::app::App;
use crate::db::leases;
use crate::db::service_error::ServiceError;
use crate::integrations::edoc::receive::{self, ReceiveOutcome};
use crate::integrations::edoc::send::{self, SendOutcome};
use chrono::Duration;

/// The duty.
const DUTY: &str = "exchange";
/// How long an instance that was killed keeps the others from the duty, in seconds.
const LEASE_SECONDS: i64 = 600;

/// What a round of the exchange has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExchangeOutcome {
    /// Outgoing.
    pub sent: SendOutcome,
    /// Incoming.
    pub taken: ReceiveOutcome,
}

/// Sends what is due and stores what has come in; nothing when another instance is at it.
pub async fn run_exchange(app: &App) -> Result<ExchangeOutcome, ServiceError> {
    exchange_until(app, &|| false).await
}

pub(super) async fn exchange_until(
    app: &App,
    is_stopping: &(dyn Fn() -> bool + Send + Sync),
) -> Result<ExchangeOutcome, ServiceError> {
    let holder = leases::new_lease_holder(app);
    if !leases::acquire(app, DUTY, &holder, Duration::seconds(LEASE_SECONDS)).await? {
        return Ok(ExchangeOutcome::default());
    }
    let done = round(app, is_stopping).await;
    leases::release(app, DUTY, &holder).await?;
    let done = done?;
    if done != ExchangeOutcome::default() {
        tracing::info!(
            sent = done.sent.sent,
            not_sent = done.sent.failed,
            stored = done.taken.stored,
            unreadable = done.taken.unreadable,
            not_taken = done.taken.failed,
            "document exchange finished"
        );
    }
    Ok(done)
}

/// Receives between two rounds of sending: what a message has to be answered with goes out at once.
async fn round(app: &App, is_stopping: &(dyn Fn() -> bool + Send + Sync)) -> Result<ExchangeOutcome, ServiceError> {
    let taken = receive::receive(app, is_stopping).await?;
    let sent = send::send_due(app, is_stopping).await?;
    Ok(ExchangeOutcome { sent, taken })
}
