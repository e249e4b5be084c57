//! Checks the signed audit heads: each is valid, is linked to the one before, and matches the current hash
//! chains.

use super::ReportSink;
use super::RunningCheck;
use crate::audit::rules::head::{AuditHead, StreamEnds, hash_of};
use crate::audit::{heads, store as audit};
use crate::db::Db;
use crate::db::service_error::ServiceError;

/// Checks every head; `entered` are the heads that the audit record says were signed.
pub(super) async fn check(db: &Db, entered: &[(String, String)], sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("audit heads");
    let all = heads::all(db).await?;
    let (mut ends, mut previous) = (StreamEnds::new(), String::new());
    for head in &all {
        let period = head.period.clone();
        let moved = db.read(move |connection| audit::moved(connection, &period)).await?;
        let mut findings: Vec<String> = head.faults().into_iter().map(str::to_owned).collect();
        if head.previous_hash != previous {
            findings.push("it does not follow the head before it".to_owned());
        }
        findings.extend(untrue(db, &moved).await?);
        ends.extend(moved);
        findings.extend(false_sums(head, &ends));
        previous.clone_from(&head.hash);
        check.find_all(findings.into_iter().map(|fault| format!("audit_heads row {}: {fault}", head.period)).collect(), sink);
    }
    let is_kept = |(period, hash): &&(String, String)| all.iter().any(|head| head.period == *period && head.hash == *hash);
    let lost = entered.iter().filter(|entered| !is_kept(entered));
    check.find_all(
        lost.map(|(period, _)| format!("audit_heads row {period} is missing, or another one was signed")).collect(),
        sink,
    );
    Ok(check.end(format!("{} signed heads", all.len()), sink))
}

/// Reports chain ends named by a head that the chains do not have.
async fn untrue(db: &Db, moved: &StreamEnds) -> Result<Vec<String>, ServiceError> {
    let asked: Vec<(String, i64)> = moved.iter().map(|(stream, end)| (stream.clone(), end.sequence)).collect();
    let hashes = db
        .read(move |connection| {
            asked.iter().map(|(stream, number)| audit::hash_of(connection, stream, *number)).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let faults = moved.iter().zip(hashes).filter_map(|((stream, end), hash)| match hash {
        Some(hash) if hash == end.hash => None,
        Some(_) => Some(format!("audit row {stream}/{} is another one now", end.sequence)),
        None => Some(format!("audit row {stream}/{} is missing", end.sequence)),
    });
    Ok(faults.collect())
}

fn false_sums(head: &AuditHead, ends: &StreamEnds) -> Vec<String> {
    let mut faults = Vec::new();
    if hash_of(ends) != head.streams_hash {
        faults.push("audit_head_streams up to its period have another hash".to_owned());
    }
    let entries: i64 = ends.values().map(|end| end.sequence).sum();
    if (i64::try_from(ends.len()).unwrap_or(i64::MAX), entries) != (head.streams, head.entries) {
        faults.push(format!(
            "it says {} entries in {} chains, there are {entries} in {}",
            head.entries,
            head.streams,
            ends.len()
        ));
    }
    faults
}

/// Checks that every head was signed by a trusted key: the current one or an earlier one from the settings.
pub async fn signers(db: &Db, trusted: &[String], sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("audit keys");
    let all = heads::all(db).await?;
    let strange = all.iter().filter(|head| !trusted.contains(&head.public_key));
    let sentence = |head: &AuditHead| {
        format!(
            "audit_heads row {}: signed with the key {}, which is neither audit_key nor in audit_public_keys",
            head.period, head.key_id
        )
    };
    check.find_all(strange.map(sentence).collect(), sink);
    Ok(check.end(format!("{} heads, each signed with a known key", all.len()), sink))
}
