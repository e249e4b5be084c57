//! Handing signed heads to places outside of the database, so that whoever can write to the database cannot cut the end of the record
//! off without anybody noticing.
//!
//! Enters the places of the settings, leaves the number of heads handed over. A place that does not take a head gets it in the next round.
//! What each has got is kept in the database, which is what the places are there to guard against: where that cannot be, it is not
//! believed. A head that comes twice harms nobody, one that does not come does.

use crate::app::App;
use crate::audit::heads::PublishedHead;
use crate::audit::rules::head::AuditHead;
use crate::audit::store::{self as audit, anchors};
use crate::db::service_error::ServiceError;
use crate::delivery::channels::Anchor;

/// Heads that one place gets in one round.
const AT_ONCE: i64 = 200;
/// Heads that a place gets again where nobody knows what it has: of two days.
const AGAIN: i64 = 48;

/// What a place has not got yet.
struct AnchorBacklog {
    /// The first of them, in order.
    heads: Vec<AuditHead>,
    /// How many there are.
    count: usize,
    /// The head that the place is said to have and cannot have.
    untrue: Option<String>,
}

/// Hands over every head that a place has not got yet; `signed` is the one that was signed a moment ago, which nobody can have.
pub async fn anchor_due(app: &App, signed: Option<&AuditHead>) -> Result<usize, ServiceError> {
    let mut due = Vec::with_capacity(app.channels.anchors.len());
    for anchor in &app.channels.anchors {
        let backlog = backlog(app, anchor, signed).await?;
        // Before anything is sent: a place that does not answer has nothing meanwhile.
        app.worker_status.anchors().waits(anchor.name(), backlog.count);
        due.push((anchor, backlog));
    }
    let mut handed_over = 0;
    for (anchor, backlog) in due {
        handed_over += hand_over(app, anchor, backlog).await?;
    }
    Ok(handed_over)
}

/// Looks at the places when the process starts, so that what is wrong with them is in the log, the metrics and the health checks before
/// the first head is due. Without a worker this process hands nothing over and says nothing.
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

/// How many heads a place has taken.
async fn hand_over(app: &App, anchor: &Anchor, backlog: AnchorBacklog) -> Result<usize, ServiceError> {
    let name = anchor.name();
    if backlog.heads.is_empty() {
        // What was wrong may be so no more, and what is wrong should not be found out with the next head only.
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
