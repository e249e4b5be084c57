//! Once an hour the head of the audit record is signed and handed to places outside; once a night the figures of the last months are
//! recounted from the timelines and compared with what is kept, after the single days that nobody needs any more were forgotten.
//!
//! A difference is logged and shown by the metrics, never repaired: whatever made it has to be found first (`pakn verify`
//! names it).

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

/// The duty; its lease is kept until the next night, whoever has done it.
const DUTY: &str = "recount_figures";
/// The hours of Việt Nam in which it may begin.
const HOURS: std::ops::Range<u32> = 2..5;
/// How far back: what was received earlier hardly changes any more, and `pakn verify` recounts it too.
const MONTHS: u32 = 13;

/// The duty of signing; its lease is kept while it is done.
const SIGNING: &str = "sign_audit_head";

/// Signs the head of the hour, once, and hands heads to the places outside; says whether it signed.
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

/// Takes the person out of what was handled long ago, at night, where the settings name a number of years; says of how many petitions.
pub async fn run_nightly_anonymisation(app: &App) -> Result<usize, ServiceError> {
    if !HOURS.contains(&app.now().local().hour()) {
        return Ok(0);
    }
    // Several instances may be at it: each petition belongs to whoever notes it first.
    let done = personal::anonymise_due(app).await?;
    if done > 0 {
        tracing::info!(petitions = done, "petitions past retention anonymised");
    }
    Ok(done)
}

/// Recounts, if it is night and nobody has done so tonight; says how many differences there are.
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
