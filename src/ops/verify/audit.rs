//! Checks the audit record: every hash chain from its first entry to its end, with nothing changed, removed or
//! inserted, and the officer steps that it links to the timelines.
//!
//! Reports the first broken link of each chain by stream and sequence; entries behind it prove nothing more.

use super::ReportSink;
use super::RunningCheck;
use super::audit_heads;
use crate::audit::heads::SIGN;
use crate::audit::rules::AuditEntry;
use crate::audit::rules::head::StreamEnds;
use crate::audit::store as audit;
use crate::db::service_error::ServiceError;
use crate::db::{Db, StorageError};
use crate::ops::store::verify::audit_steps;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Entries per page.
const SPAN: i64 = 1000;

/// State of one chain while it is walked.
#[derive(Default)]
struct AuditChain {
    sequence: i64,
    hash: String,
    is_broken: bool,
    /// The hash at the sequence at which the chain ended when the check began.
    hash_at_end: Option<String>,
}

/// A step of an officer, as the audit record links it to a timeline entry.
pub(super) struct AuditedStep {
    name: String,
    code: String,
    entry: i32,
    chain_hash: String,
}

/// Results of the walk over all entries.
struct AuditWalk {
    check: RunningCheck,
    begun_with: StreamEnds,
    chains: BTreeMap<String, AuditChain>,
    entries: usize,
    /// Periods and hashes of the signed heads, according to the audit record.
    signed: Vec<(String, String)>,
}

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    // Snapshot of the chain ends: a running server may append entries during the check.
    let begun_with = db.read(audit::ends).await?;
    let mut walk =
        AuditWalk { check: RunningCheck::new("audit"), begun_with, chains: BTreeMap::new(), entries: 0, signed: Vec::new() };
    let mut after: Option<(String, i64)> = None;
    loop {
        let place = after.clone();
        let page = match db.read(move |connection| audit::page(connection, place.as_ref(), SPAN)).await {
            Ok(page) => page,
            Err(error @ (StorageError::Corrupt { .. } | StorageError::Query(_))) => {
                let place = after.map_or_else(|| "the beginning".to_owned(), |(stream, number)| format!("{stream}/{number}"));
                walk.check.find_all(vec![format!("the entries after {place} cannot be read: {error}")], sink);
                break;
            }
            Err(error) => return Err(error.into()),
        };
        let Some((last, _)) = page.last() else { break };
        after = Some((last.stream.clone(), last.sequence));
        let mut steps = Vec::new();
        for (entry, hash) in &page {
            let findings = walk.meet(entry, hash);
            walk.check.find_all(findings, sink);
            steps.extend(step_of(entry));
        }
        let untied = untied(db, steps).await?;
        walk.check.find_all(untied, sink);
    }
    let ends = db.read(audit::ends).await?;
    let findings = walk.at_the_ends(&ends);
    walk.check.find_all(findings, sink);
    let strange = db.read(audit::streams_with_another_time).await?;
    let sentence = |stream: &String| format!("audit_streams row {stream} has another last_at than its last entry");
    walk.check.find_all(strange.iter().map(sentence).collect(), sink);
    let (entries, chains) = (walk.entries, walk.chains.len());
    let findings = walk.check.end(format!("{entries} entries in {chains} chains, unbroken"), sink);
    Ok(findings + audit_heads::check(db, &walk.signed, sink).await?)
}

impl AuditWalk {
    fn meet(&mut self, entry: &AuditEntry, hash: &str) -> Vec<String> {
        self.entries += 1;
        let (stream, number) = (&entry.stream, entry.sequence);
        let chain = self.chains.entry(stream.clone()).or_default();
        let fault = match number - chain.sequence - 1 {
            0 if entry.previous_hash != chain.hash => Some("does not follow the entry before it".to_owned()),
            0 if entry.hash() != hash => Some("was changed: its hash is not that of its content".to_owned()),
            0 => None,
            1 => Some(format!("follows a gap: entry {} is missing", number - 1)),
            _ => Some(format!("follows a gap: entries {} to {} are missing", chain.sequence + 1, number - 1)),
        };
        hash.clone_into(&mut chain.hash);
        chain.sequence = number;
        if self.begun_with.get(stream).is_some_and(|end| end.sequence == number) {
            chain.hash_at_end = Some(hash.to_owned());
        }
        if entry.action == SIGN && stream == "system" {
            self.signed.push((entry.subject.clone(), text_of(&detail_of(entry), "hash")));
        }
        let is_first = fault.is_some() && !chain.is_broken;
        chain.is_broken |= fault.is_some();
        fault
            .filter(|_| is_first)
            .map(|fault| format!("audit row {stream}/{number} ({}) {fault}", entry.action))
            .into_iter()
            .collect()
    }

    /// Reports entries missing at the end of a chain, and entries behind its recorded end.
    fn at_the_ends(&self, ends: &StreamEnds) -> Vec<String> {
        let mut findings = Vec::new();
        for (stream, end) in &self.begun_with {
            let chain = self.chains.get(stream);
            let last = chain.map_or(0, |chain| chain.sequence);
            if last < end.sequence {
                findings.push(format!("audit rows {stream}/{} to {stream}/{} are missing at the end", last + 1, end.sequence));
            } else if end.sequence > 0 && chain.and_then(|chain| chain.hash_at_end.as_ref()) != Some(&end.hash) {
                findings.push(format!("audit_streams row {stream} has another hash than audit row {stream}/{}", end.sequence));
            }
        }
        for (stream, chain) in &self.chains {
            let end = ends.get(stream).map_or(0, |end| end.sequence);
            if chain.sequence > end {
                findings.push(format!(
                    "audit rows {stream}/{} to {stream}/{} stand behind the end of the chain",
                    end + 1,
                    chain.sequence
                ));
            }
        }
        findings
    }
}

fn detail_of(entry: &AuditEntry) -> Value {
    serde_json::from_str(&entry.detail).unwrap_or_default()
}

fn text_of(detail: &Value, name: &str) -> String {
    detail.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn step_of(entry: &AuditEntry) -> Option<AuditedStep> {
    let detail = detail_of(entry);
    let number = i32::try_from(detail.get("entry")?.as_i64()?).ok()?;
    Some(AuditedStep {
        name: format!("{}/{}", entry.stream, entry.sequence),
        code: entry.subject.clone(),
        entry: number,
        chain_hash: text_of(&detail, "chain_hash"),
    })
}

/// Reports audited steps that are missing in the timelines or have another hash there. This detects a timeline
/// that was rewritten from its first entry.
async fn untied(db: &Db, steps: Vec<AuditedStep>) -> Result<Vec<String>, ServiceError> {
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let mut codes: Vec<String> = steps.iter().map(|step| step.code.clone()).collect();
    codes.sort();
    codes.dedup();
    let links: HashMap<(String, i32), String> = db.read(move |connection| audit_steps::links(connection, &codes)).await?;
    let faults = steps.iter().filter_map(|step| match links.get(&(step.code.clone(), step.entry)) {
        Some(link) if *link == step.chain_hash => None,
        Some(_) => Some(format!("timeline entry {} of {} is not the one of audit row {}", step.entry, step.code, step.name)),
        None => Some(format!("timeline entry {} of {} is missing; audit row {} names it", step.entry, step.code, step.name)),
    });
    Ok(faults.collect())
}
