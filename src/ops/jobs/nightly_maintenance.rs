//! Hourly: signs the head of the audit record and sends it to external anchors. Nightly: deletes daily figures
//! that are no longer needed, recounts the last months from the timelines and compares the result with the
//! stored figures.
//!
//! A difference is logged and exported as a metric, never repaired: its cause has to be found first
//! (`pakn verify` names it).

use crate::app::App;
use crate::audit::heads;
use crate::db::leases;
use crate::db::service_error::ServiceError;
use crate::delivery::audit_anchors;
use crate::directory::calendar::years::warn_if_overdue;
use crate::figures::statistics;
use crate::kernel::Instant;
use crate::ops::verify::{self, ReportLine};
use crate::personal;
use chrono::{Days, Months, NaiveTime, Timelike};

/// Name of the lease, which is kept until the next night.
const DUTY: &str = "recount_figures";
/// Start window, in hours of Vietnamese time.
const HOURS: std::ops::Range<u32> = 2..5;
/// Months to recount: earlier receipts hardly change any more, and `pakn verify` recounts them too.
const MONTHS: u32 = 13;

/// Name of the lease for signing, held while signing.
const SIGNING: &str = "sign_audit_head";

/// Signs the head of the hour once and sends heads to the anchors. Returns whether it signed.
pub async fn sign_hourly_head(app: &App) -> Result<bool, ServiceError> {
    if heads::is_signed(app).await? && app.channels.anchors.is_empty() {
        return Ok(false);
    }
    let holder = leases::new_lease_holder(app);
    if !leases::acquire_until(app, SIGNING, &holder, app.now().plus(chrono::Duration::minutes(1))).await? {
        return Ok(false);
    }
    let head = heads::sign(app).await?;
    audit_anchors::anchor_due(app, head.as_ref()).await?;
    leases::release(app, SIGNING, &holder).await?;
    let Some(head) = head else { return Ok(false) };
    tracing::info!(period = head.period, entries = head.entries, hash = head.hash, key_id = head.key_id, "audit head signed");
    Ok(true)
}

/// Anonymises petitions older than the configured number of years, at night. Returns their number.
pub async fn run_nightly_anonymisation(app: &App) -> Result<usize, ServiceError> {
    if !HOURS.contains(&app.now().local().hour()) {
        return Ok(0);
    }
    // Several instances may run at once: the first to mark a petition handles it.
    let done = personal::anonymise_due(app).await?;
    if done > 0 {
        tracing::info!(petitions = done, "petitions past retention anonymised");
    }
    Ok(done)
}

/// Recounts if it is night and no instance has done so tonight. Returns the number of differences.
pub async fn run_nightly_recount(app: &App) -> Result<Option<usize>, ServiceError> {
    let now = app.now().local();
    if !HOURS.contains(&now.hour()) {
        return Ok(None);
    }
    let tomorrow = now.date().checked_add_days(Days::new(1)).unwrap_or(now.date());
    let next = Instant::from_local(tomorrow.and_time(NaiveTime::from_hms_opt(HOURS.start, 0, 0).unwrap_or_default()));
    if !leases::acquire_until(app, DUTY, &leases::new_lease_holder(app), next.plus(chrono::Duration::microseconds(-1))).await? {
        return Ok(None);
    }
    statistics::forget_single_days(app).await?;
    let mut differences = 0;
    let since = now.date().checked_sub_months(Months::new(MONTHS));
    verify::figures(&app.db, since, &mut |line| {
        if let ReportLine::Finding(finding) = line {
            differences += 1;
            tracing::error!(%finding, "statistics differ from timelines");
        }
    })
    .await?;
    tracing::info!(differences, "statistics recounted");
    app.worker_status.recounted(differences);
    warn_if_overdue(app).await?;
    Ok(Some(differences))
}
