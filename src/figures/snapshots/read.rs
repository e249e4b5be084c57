//! Published reports for everybody: figures, query and hash as stored, without petitions.

use super::question::SnapshotQuestion;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::figures::rules::snapshot_code::SnapshotCode;
use crate::figures::store::snapshots::{self, MonthHead, SnapshotHeadRow, SnapshotRow};
use crate::kernel::Instant;
use crate::kernel::error_code::ErrorCode;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// The position of a report in the list.
pub type SnapshotCursor = (Instant, String);

/// A published report without its figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SnapshotHead {
    /// Its public name.
    pub id: SnapshotCode,
    /// Its title.
    pub title: String,
    /// When it was published.
    pub created_at: Instant,
    /// The cut-off: what happened later does not count.
    pub as_of: Instant,
    /// The version of the rules of counting.
    pub rule_version: String,
    /// SHA-256 over everything in the report, in lower-case hex.
    pub sha256: String,
    /// What was asked, with everything spelled out.
    pub question: SnapshotQuestion,
}

/// The petitions behind a report that were received in one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SnapshotMonth {
    /// The first day of the month.
    pub received_in: NaiveDate,
    /// How many there are.
    pub petitions: i64,
    /// SHA-256 of their lines, in lower-case hex.
    pub sha256: String,
}

/// A published report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Everything except the figures.
    pub head: SnapshotHead,
    /// The stored query, byte for byte.
    pub question: String,
    /// The stored figures, byte for byte.
    pub figures: String,
    /// The petitions behind them, as number and hash per month.
    pub months: Vec<SnapshotMonth>,
}

/// Returns one report.
///
/// # Errors
/// [`ErrorCode::SnapshotNotFound`].
pub async fn find(app: &App, code: &SnapshotCode) -> Result<Snapshot, ServiceError> {
    let code = code.clone();
    let read = move |connection: &mut _| {
        let row = snapshots::find(connection, code.as_str())?.ok_or(ErrorCode::SnapshotNotFound)?;
        let months = snapshots::months(connection, code.as_str())?;
        Ok::<_, ServiceError>((row, months))
    };
    let (row, months) = app.db.read(read).await?;
    let month = |(received_in, petitions, sha256): MonthHead| SnapshotMonth { received_in, petitions, sha256 };
    let months = months.into_iter().map(month).collect();
    let SnapshotRow { code, title, created_at, created_by: _, as_of, rule_version, question, figures, sha256 } = row;
    let head = head(&SnapshotHeadRow { code, title, created_at, as_of, rule_version, question: question.clone(), sha256 })?;
    Ok(Snapshot { head, question, figures, months })
}

/// Returns a page of reports, newest first, and the cursor of the next page.
pub async fn list(
    app: &App,
    before: Option<SnapshotCursor>,
    limit: i64,
) -> Result<(Vec<SnapshotHead>, Option<SnapshotCursor>), ServiceError> {
    let wanted = usize::try_from(limit).unwrap_or_default();
    let rows = app.db.read(move |connection| snapshots::page(connection, before.as_ref(), limit + 1)).await?;
    let has_more = rows.len() > wanted;
    let heads: Vec<SnapshotHead> = rows.iter().take(wanted).map(head).collect::<Result<_, _>>()?;
    let next = heads.last().filter(|_| has_more).map(|head| (head.created_at, head.id.as_str().to_owned()));
    Ok((heads, next))
}

fn head(row: &SnapshotHeadRow) -> Result<SnapshotHead, ServiceError> {
    let damaged = || ServiceError::Internal("a stored snapshot cannot be read");
    Ok(SnapshotHead {
        id: row.code.parse().map_err(|_| damaged())?,
        title: row.title.clone(),
        created_at: row.created_at,
        as_of: row.as_of,
        rule_version: row.rule_version.clone(),
        sha256: row.sha256.clone(),
        question: serde_json::from_str(&row.question).map_err(|_| damaged())?,
    })
}
