//! Checks the published reports: every hash matches its bytes.

use super::ReportSink;
use super::RunningCheck;
use crate::db::service_error::ServiceError;
use crate::db::{Db, DbConnection, StorageError};
use crate::figures::snapshots::{digest, sha256};
use crate::figures::store::snapshots::{MonthHead, SnapshotHeadRow, SnapshotRow, find, month, months, page};
use crate::kernel::Instant;

/// Reports per page.
const SPAN: i64 = 50;

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("snapshots");
    let (mut before, mut count): (Option<(Instant, String)>, usize) = (None, 0);
    loop {
        let position = before.clone();
        let heads = db.read(move |connection| page(connection, position.as_ref(), SPAN)).await?;
        let Some(last) = heads.last() else { break };
        before = Some((last.created_at, last.code.clone()));
        count += heads.len();
        for SnapshotHeadRow { code, .. } in heads {
            let name = code.clone();
            let whole = move |connection: &mut _| Ok::<_, StorageError>((find(connection, &name)?, months(connection, &name)?));
            let (row, heads) = db.read(whole).await?;
            check.find_all(row.map(|row| judge(&row, &heads)).unwrap_or_default(), sink);
            for head in heads {
                let code = code.clone();
                check.find_all(db.read(move |connection| judge_month(connection, &code, &head)).await?, sink);
            }
        }
    }
    Ok(check.end(format!("{count} published reports, each with its hash"), sink))
}

fn judge(row: &SnapshotRow, months: &[MonthHead]) -> Vec<String> {
    if digest(row, months) == row.sha256 {
        return Vec::new();
    }
    vec![format!("{}: its hash does not fit its title, question, figures, cut-off, rules or months", row.code)]
}

/// Checks one month; only one is in memory at a time.
fn judge_month(connection: &mut DbConnection, code: &str, head: &MonthHead) -> Result<Vec<String>, StorageError> {
    let (received_in, count, _) = head;
    let Some(row) = month(connection, code, *received_in)? else {
        return Ok(vec![format!("{code}: the petitions received in {} are gone", received_in.format("%Y-%m"))]);
    };
    let mut findings = Vec::new();
    if sha256(&row.lines) != row.sha256 {
        findings.push(format!("{code}: the hash of the petitions received in {} does not fit them", received_in.format("%Y-%m")));
    }
    let lines = i64::try_from(row.lines.lines().count()).unwrap_or(i64::MAX);
    if lines != *count {
        findings.push(format!("{code}: {lines} petitions received in {}, and {count} are said", received_in.format("%Y-%m")));
    }
    Ok(findings)
}
