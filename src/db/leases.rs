//! Leases for periodic jobs: only one of several instances on a database runs a job at a time.
//!
//! Takes the name of the job, the holder and a duration; returns whether the job may start. Called by `jobs`. A
//! lease only saves work: every job is safe when two instances run it, because clocks differ and a holder may
//! stall past its lease.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::store::leases;
use crate::kernel::Instant;
use chrono::Duration;

/// Returns a random holder name for one run.
#[must_use]
pub fn new_lease_holder(app: &App) -> String {
    format!("{:016x}", app.entropy.bits())
}

/// Acquires or extends a lease for a duration from now; returns false while another holder has it.
pub async fn acquire(app: &App, duty: &'static str, holder: &str, lasting: Duration) -> Result<bool, ServiceError> {
    acquire_until(app, duty, holder, app.now().plus(lasting)).await
}

/// Acquires a lease until a point in time; a lease that is never released prevents another run before that.
pub async fn acquire_until(app: &App, duty: &'static str, holder: &str, until: Instant) -> Result<bool, ServiceError> {
    let (now, holder) = (app.now(), holder.to_owned());
    app.db.write(move |connection| Ok(leases::acquire(connection, duty, &holder, now, until)?)).await
}

/// Releases a lease, so that others need not wait until it expires.
pub async fn release(app: &App, duty: &'static str, holder: &str) -> Result<(), ServiceError> {
    let holder = holder.to_owned();
    app.db.write(move |connection| Ok(leases::release(connection, duty, &holder)?)).await
}

/// Returns until when an outbox line taken for sending now belongs to this instance.
#[must_use]
pub fn delivery_lease(app: &App) -> Instant {
    app.now().plus(Duration::seconds(i64::from(app.config.delivery_hold_seconds)))
}
