//! Leases on periodic duties: of several instances on one database, one at a time does a duty.
//!
//! Enter the name of a duty, the holder and how long it is needed; leaves whether it may begin. Called by `jobs`. A lease
//! only saves work: every duty is safe when two do it, because clocks may differ and a holder may stall past its end.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::store::leases;
use crate::kernel::Instant;
use chrono::Duration;

/// The name of an instance while it does a duty, different at each call.
#[must_use]
pub fn new_lease_holder(app: &App) -> String {
    format!("{:016x}", app.entropy.bits())
}

/// Takes a lease, or prolongs it, for a time from now; false while somebody else has it.
pub async fn acquire(app: &App, duty: &'static str, holder: &str, lasting: Duration) -> Result<bool, ServiceError> {
    acquire_until(app, duty, holder, app.now().plus(lasting)).await
}

/// The same until a moment; a lease that is never given back keeps a duty from being done again before.
pub async fn acquire_until(app: &App, duty: &'static str, holder: &str, until: Instant) -> Result<bool, ServiceError> {
    let (now, holder) = (app.now(), holder.to_owned());
    app.db.write(move |connection| Ok(leases::acquire(connection, duty, &holder, now, until)?)).await
}

/// Gives a lease back, so that nobody has to wait for its end.
pub async fn release(app: &App, duty: &'static str, holder: &str) -> Result<(), ServiceError> {
    let holder = holder.to_owned();
    app.db.write(move |connection| Ok(leases::release(connection, duty, &holder)?)).await
}

/// Until when a line that is taken in hand now to be sent is this instance's.
#[must_use]
pub fn delivery_lease(app: &App) -> Instant {
    app.now().plus(Duration::seconds(i64::from(app.config.delivery_hold_seconds)))
}
