//! Checks the recorded position of each external anchor: it must name an existing signed head.
//!
//! Otherwise the position was changed by hand, to stop heads from being sent, or heads were deleted.

use super::ReportSink;
use super::RunningCheck;
use crate::audit::store::{self as audit, anchors};
use crate::db::service_error::ServiceError;
use crate::db::{Db, StorageError};

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("audit anchors");
    // In one transaction: a running server may send a head that was signed a moment ago.
    let (count, strange) = db
        .read(|connection| {
            let all = anchors::all(connection)?;
            let (count, mut strange) = (all.len(), Vec::new());
            for (anchor, period) in all {
                if !audit::has_head(connection, &period)? {
                    strange.push((anchor, period));
                }
            }
            Ok::<_, StorageError>((count, strange))
        })
        .await?;
    let sentence = |(anchor, period): (String, String)| {
        format!(
            "audit_anchors row {anchor} names the head of {period}, which is not there: the row was changed, or heads were cut off"
        )
    };
    check.find_all(strange.into_iter().map(sentence).collect(), sink);
    Ok(check.end(format!("{count} places outside"), sink))
}
