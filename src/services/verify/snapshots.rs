//! Published reports: every hash still fits its bytes, and no petitions are left without their report.

use super::{Running, Sink};
use crate::domain::Instant;
use crate::services::error::ServiceError;
use crate::services::snapshots::{digest, sha256};
use crate::storage::snapshots::{MonthHead, SnapshotRow, month, months, page};
use crate::storage::{Db, DbConnection, StorageError};

/// Reports of one span.
const SPAN: i64 = 50;

pub(super) async fn check(db: &Db, sink: Sink<'_>) -> Result<usize, ServiceError> {
    let mut check = Running::new("snapshots");
    let (mut before, mut count): (Option<(Instant, String)>, usize) = (None, 0);
    loop {
        let position = before.clone();
        let rows = db.read(move |connection| Ok::<_, ServiceError>(page(connection, position.as_ref(), SPAN)?)).await?;
        let Some(last) = rows.last() else { break };
        before = Some((last.created_at, last.code.clone()));
        count += rows.len();
        for row in rows {
            let code = row.code.clone();
            let heads = db.read(move |connection| Ok::<_, ServiceError>(months(connection, &code)?)).await?;
            check.find_all(judge(&row, &heads), sink);
            for head in heads {
                let code = row.code.clone();
                let findings = db.read(move |connection| Ok::<_, ServiceError>(judge_month(connection, &code, &head)?)).await?;
                check.find_all(findings, sink);
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

/// One month at a time is in memory.
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
