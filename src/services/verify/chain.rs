//! One timeline: nothing missing, nothing changed by hand, in the order of time, and each step one that the life allows.

use super::petitions::Case;
use crate::domain::petition::{Action, Status, lifecycle};
use crate::domain::timeline::TimelineEntry;

pub(super) fn judge(case: &Case<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    let Some((first, _)) = case.entries.first() else {
        findings.push("the timeline has no entry".to_owned());
        return findings;
    };
    if first.action != Action::File {
        findings.push(format!("the timeline begins with {}", first.action));
    }
    sequence(case, &mut findings);
    findings.extend(broken_link(case.entries));
    for pair in case.entries.windows(2) {
        let [(before, _), (after, _)] = pair else { continue };
        if after.at < before.at {
            findings.push(format!("entry {} is earlier than entry {}", after.sequence, before.sequence));
        }
        if !is_allowed(before.status, after) {
            let (sequence, action) = (after.sequence, after.action);
            findings.push(format!("entry {sequence} ({action}) cannot lead from {} to {}", before.status, after.status));
        }
    }
    findings
}

fn sequence(case: &Case<'_>, findings: &mut Vec<String>) {
    let mut expected = 1;
    for (entry, _) in case.entries {
        match entry.sequence - expected {
            0 => {}
            1 => findings.push(format!("entry {expected} is missing")),
            _ => findings.push(format!("entries {expected} to {} are missing", entry.sequence - 1)),
        }
        expected = entry.sequence + 1;
    }
    if expected - 1 != case.petition.version {
        findings.push(format!(
            "the petition has version {}, the timeline ends with entry {}",
            case.petition.version,
            expected - 1
        ));
    }
}

/// The first entry whose hash is not that of its content after the hash before it; those behind it prove nothing more.
fn broken_link(entries: &[(TimelineEntry, String)]) -> Option<String> {
    let mut previous = "";
    for (entry, hash) in entries {
        if entry.chain_hash(previous) != *hash {
            return Some(format!("the chain is broken at entry {} ({})", entry.sequence, entry.action));
        }
        previous = hash;
    }
    None
}

fn is_allowed(before: Status, after: &TimelineEntry) -> bool {
    lifecycle::TABLE
        .iter()
        .filter(|row| row.action == after.action && row.from.contains(&before))
        .any(|row| if row.to.is_empty() { after.status == before } else { row.to.contains(&after.status) })
}
