//! Hands signed audit heads to places outside the database, so that someone with write access to the database cannot
//! truncate the audit record unnoticed.
//!
//! Enters: the anchors from the configuration. Leaves: the number of heads handed over. An anchor that fails gets the
//! missing heads in the next round. The database records which heads each anchor already has, but the anchors exist
//! to guard against tampering with that database, so an impossible record is ignored. Sending a head twice is
//! harmless; not sending it is not.

use crate::app::App;
use crate::audit::heads::PublishedHead;
use crate::audit::rules::head::AuditHead;
use crate::audit::store::{self as audit, anchors};
use crate::db::service_error::ServiceError;
use crate::delivery::channels::Anchor;

/// Maximum number of heads sent to one anchor per round.
const AT_ONCE: i64 = 200;
/// Number of recent heads (two days' worth) sent again when it is unknown what an anchor has.
const AGAIN: i64 = 48;

/// The heads one anchor has not received yet.
struct AnchorBacklog {
    /// Oldest first.
    heads: Vec<AuditHead>,
    /// Total number of missing heads.
    count: usize,
    /// The head recorded as handed over although it cannot have been.
    untrue: Option<String>,
}

/// Hands every missing head to each anchor. `signed` is the head signed a moment ago, which no anchor can have yet.
pub async fn anchor_due(app: &App, signed: Option<&AuditHead>) -> Result<usize, ServiceError> {
    let mut due = Vec::with_capacity(app.channels.anchors.len());
    for anchor in &app.channels.anchors {
        let backlog = backlog(app, anchor, signed).await?;
        // Set before sending, so that the metric is right even if the anchor does not respond.
        app.worker_status.anchors().waits(anchor.name(), backlog.count);
        due.push((anchor, backlog));
    }
    let mut handed_over = 0;
    for (anchor, backlog) in due {
        handed_over += hand_over(app, anchor, backlog).await?;
    }
    Ok(handed_over)
}

/// Probes the anchors at process start, so that problems show in the log, the metrics and the health checks before
/// the first head is due. Without a worker this process hands nothing over and reports nothing.
pub async fn check_at_start(app: &App) -> Result<(), ServiceError> {
    if !app.config.worker {
        return Ok(());
    }
    for anchor in &app.channels.anchors {
        let backlog = backlog(app, anchor, None).await?;
        let problem = anchor.probe().await.err();
        if let Some(problem) = &problem {
            tracing::warn!(%anchor, problem, "heads of the audit record cannot be anchored here");
        }
        app.worker_status.anchors().tried(anchor.name(), backlog.count, problem);
    }
    Ok(())
}

async fn backlog(app: &App, anchor: &Anchor, signed: Option<&AuditHead>) -> Result<AnchorBacklog, ServiceError> {
    let (name, signed) = (anchor.name(), signed.map(|head| head.period.clone()));
    let backlog = app.db.read(move |connection| -> Result<AnchorBacklog, ServiceError> {
        let last = anchors::last(connection, name)?;
        if let Some(period) = &last {
            let is_ahead = signed.as_ref().is_some_and(|signed| signed <= period);
            if is_ahead || !audit::has_head(connection, period)? {
                let mut heads = audit::newest_heads(connection, None, AGAIN)?;
                heads.reverse();
                return Ok(AnchorBacklog { count: heads.len(), heads, untrue: last });
            }
        }
        let heads = audit::heads(connection, last.as_deref(), AT_ONCE)?;
        let count = audit::count_heads(connection, last.as_deref())?;
        Ok(AnchorBacklog { heads, count, untrue: None })
    });
    let backlog = backlog.await?;
    if let Some(period) = &backlog.untrue
        && app.worker_status.anchors().should_log(name, app.now())
    {
        tracing::error!(
            %anchor,
            period,
            again = backlog.count,
            "the database says that this anchor has a head which it cannot have: audit_anchors was changed, or heads were cut off; \
             handing the newest heads over again"
        );
    }
    Ok(backlog)
}

/// Returns how many heads the anchor accepted.
async fn hand_over(app: &App, anchor: &Anchor, backlog: AnchorBacklog) -> Result<usize, ServiceError> {
    let name = anchor.name();
    if backlog.heads.is_empty() {
        // Probe even with nothing to send: an old problem may be fixed, and a new one should not wait for the next
        // head.
        app.worker_status.anchors().tried(name, 0, anchor.probe().await.err());
        return Ok(0);
    }
    let mut handed_over = 0;
    for head in backlog.heads {
        let period = head.period.clone();
        let line = serde_json::to_string(&PublishedHead::from(head))
            .map_err(|_| ServiceError::Internal("a head of the audit record cannot be written"))?;
        let waiting = backlog.count - handed_over;
        if let Err(problem) = anchor.hand_over(&line).await {
            tracing::warn!(%anchor, problem, waiting, "heads of the audit record cannot be anchored, retrying");
            app.worker_status.anchors().tried(name, waiting, Some(problem));
            break;
        }
        let now = app.now();
        app.db.write(move |connection| Ok::<_, ServiceError>(anchors::note(connection, name, &period, now)?)).await?;
        handed_over += 1;
        app.worker_status.anchors().tried(name, waiting - 1, None);
    }
    Ok(handed_over)
}
