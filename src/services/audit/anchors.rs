//! Handing signed heads to places outside of the database, so that whoever can write to the database cannot cut the end of the record
//! off without anybody noticing.
//!
//! Enters the places of the settings, leaves the number of heads handed over. A place that does not take a head gets it in the next round.

use super::heads::PublishedHead;
use crate::app::App;
use crate::services::channels::Anchor;
use crate::services::error::ServiceError;
use crate::storage::{audit, audit_anchors};

/// Heads that one place gets in one round.
const AT_ONCE: i64 = 200;

/// Hands over every head that a place has not got yet.
///
/// # Errors
/// Those of the database.
pub async fn hand_over_due(app: &App) -> Result<usize, ServiceError> {
    let (mut handed_over, mut waiting) = (0, 0);
    for anchor in &app.channels.anchors {
        let (done, left) = hand_over(app, anchor).await?;
        handed_over += done;
        waiting += left;
    }
    app.upkeep.anchored(waiting);
    Ok(handed_over)
}

/// How many heads a place has taken, and how many it has not.
async fn hand_over(app: &App, anchor: &Anchor) -> Result<(usize, usize), ServiceError> {
    let name = anchor.name();
    let waiting = app
        .db
        .read(move |connection| {
            let last = audit_anchors::last(connection, name)?;
            Ok::<_, ServiceError>(audit::heads(connection, last.as_deref(), AT_ONCE)?)
        })
        .await?;
    let (all, mut handed_over) = (waiting.len(), 0);
    for head in waiting {
        let period = head.period.clone();
        let line = serde_json::to_string(&PublishedHead::from(head))
            .map_err(|_| ServiceError::Internal("a head of the audit record cannot be written"))?;
        if let Err(problem) = anchor.hand_over(&line).await {
            tracing::warn!(%anchor, problem, waiting = all - handed_over, "heads of the audit record cannot be anchored, retrying");
            break;
        }
        let now = app.now();
        app.db.write(move |connection| Ok::<_, ServiceError>(audit_anchors::note(connection, name, &period, now)?)).await?;
        handed_over += 1;
    }
    Ok((handed_over, all - handed_over))
}
