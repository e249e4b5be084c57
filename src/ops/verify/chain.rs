//! Checks one timeline: complete, unmodified, in chronological order, and every step allowed by the petition
//! life cycle.

use super::evidence::TextMismatch;
use super::petitions::PetitionRecords;
use crate::petitions::rules::timeline::{OVER_TEXTS, TimelineEntry};
use crate::petitions::rules::{Action, Status, lifecycle};

pub(super) fn judge(case: &PetitionRecords<'_>) -> (Vec<String>, Vec<TextMismatch>) {
    let mut findings = Vec::new();
    let Some((first, _)) = case.entries.first() else {
        findings.push("the timeline has no entry".to_owned());
        return (findings, Vec::new());
    };
    if first.action != Action::File {
        findings.push(format!("the timeline begins with {}", first.action));
    }
    sequence(case, &mut findings);
    let (broken, doubts) = links(&case.petition.code, case.entries);
    findings.extend(broken);
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
    (findings, doubts)
}

fn sequence(case: &PetitionRecords<'_>, findings: &mut Vec<String>) {
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

/// Returns the first entry whose hash does not match its content and the previous hash; entries behind it prove
/// nothing more. Mismatching texts may have been redacted for privacy, which is checked later.
fn links(code: &str, entries: &[(TimelineEntry, String)]) -> (Option<String>, Vec<TextMismatch>) {
    let (mut previous, mut doubts) = ("", Vec::new());
    for (entry, hash) in entries {
        let broken = format!("the chain is broken at entry {} ({})", entry.sequence, entry.action);
        let is_whole = entry.chain_hash(previous) == *hash;
        if entry.hash_version == OVER_TEXTS {
            if !is_whole {
                doubts.extend(without_texts(code, entry, previous, hash, &broken));
            }
        } else if is_whole {
            doubts.extend(own_texts(code, entry, &broken));
        } else {
            return (Some(broken), doubts);
        }
        previous = hash;
    }
    (None, doubts)
}

/// Mismatches to be explained by redaction, for an entry whose hash covers its texts directly.
fn without_texts<'a>(
    code: &'a str,
    entry: &'a TimelineEntry,
    previous: &str,
    hash: &'a str,
    broken: &'a str,
) -> impl Iterator<Item = TextMismatch> {
    let texts = [("note", entry.note.as_deref()), ("detail", Some(entry.detail.as_str()))];
    let texts = texts.map(|(name, text)| (name, entry.salted(name, text)));
    let rest = ("entry", Some(entry.hash_without_texts(previous)));
    texts.into_iter().chain([rest]).map(move |(name, now)| TextMismatch {
        code: code.to_owned(),
        entry: entry.sequence,
        name: name.to_owned(),
        was: hash.to_owned(),
        now,
        is_of_chain: true,
        sentence: broken.to_owned(),
    })
}

fn own_texts(code: &str, entry: &TimelineEntry, broken: &str) -> Vec<TextMismatch> {
    let imprints = entry.texts();
    let texts = [("note", entry.note.as_deref()), ("detail", Some(entry.detail.as_str()))];
    let differs = |(name, text): (&str, Option<&str>)| {
        let was = imprints.get(name).cloned();
        let now = entry.salted(name, text);
        let is_same = match text {
            Some(_) => was.is_some() && was == now,
            None => was.is_none(),
        };
        (!is_same).then(|| TextMismatch {
            code: code.to_owned(),
            entry: entry.sequence,
            name: name.to_owned(),
            was: was.unwrap_or_default(),
            now,
            is_of_chain: true,
            sentence: format!("{broken}: its {name} is not what was entered"),
        })
    };
    texts.into_iter().filter_map(differs).collect()
}

fn is_allowed(before: Status, after: &TimelineEntry) -> bool {
    lifecycle::TABLE
        .iter()
        .filter(|row| row.action == after.action && row.from.contains(&before))
        .any(|row| if row.to.is_empty() { after.status == before } else { row.to.contains(&after.status) })
}
