//! One round of the document exchange: sends due messages and stores incoming ones.
//!
//! Runs on one instance at a time. The lease is long enough for slow gateways; two instances at once would only
//! send messages twice, and receivers detect duplicates by their identifier.

use crate::app::App;
use crate::db::leases;
use crate::db::service_error::ServiceError;
use crate::integrations::edoc::receive::{self, ReceiveOutcome};
use crate::integrations::edoc::send::{self, SendOutcome};
use chrono::Duration;

/// Name of the lease.
const DUTY: &str = "exchange";
/// Seconds after which another instance may take over from one that was killed.
const LEASE_SECONDS: i64 = 600;

/// Result of an exchange round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExchangeOutcome {
    pub sent: SendOutcome,
    pub taken: ReceiveOutcome,
}

/// Sends due messages and stores incoming ones; does nothing while another instance holds the lease.
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

/// Receives between two rounds of sending, so that responses to incoming messages go out at once.
async fn round(app: &App, is_stopping: &(dyn Fn() -> bool + Send + Sync)) -> Result<ExchangeOutcome, ServiceError> {
    let taken = receive::receive(app, is_stopping).await?;
    let sent = send::send_due(app, is_stopping).await?;
    Ok(ExchangeOutcome { sent, taken })
}
