//! Checks the rows around a petition against the digests in its timeline: each must match the last entry that
//! covers it.

use super::evidence::TextMismatch;
use super::petitions::PetitionRecords;
use crate::delivery::store::notifications::NotificationRow;
use crate::kernel::search_text::fold;
use crate::petitions::rules::timeline::{OVER_TEXTS, TimelineEntry};
use crate::petitions::rules::{Action, Audience};
use crate::petitions::step_digests;
use std::collections::BTreeMap;

/// The newest digest of each name, with its entry.
struct LatestDigests<'a> {
    facts: BTreeMap<String, (String, &'a TimelineEntry)>,
    texts: BTreeMap<String, (String, &'a TimelineEntry)>,
    /// Whether every row has been covered since the petition was filed.
    is_complete: bool,
    code: &'a str,
    findings: Vec<String>,
    doubts: Vec<TextMismatch>,
}

pub(super) fn judge(case: &PetitionRecords<'_>) -> (Vec<String>, Vec<TextMismatch>) {
    let mut newest = LatestDigests::of(case);
    if newest.facts.is_empty() {
        // All entries are older than the digests.
        return (newest.findings, newest.doubts);
    }
    newest.fact(step_digests::PETITION, &case.petition.fact(), "its row in petitions");
    if let Some(deadline) = case.deadline {
        newest.fact(step_digests::DEADLINE, &deadline.fact(), "its deadline");
    }
    for document in case.documents {
        newest.fact(&step_digests::document(document), &document.fact(), &format!("its document {}", document.id));
    }
    for (place, answer) in case.answers.iter().enumerate() {
        let [fact, content, comment] = step_digests::answer(place + 1);
        newest.fact(&fact, &answer.fact(), &format!("its answer {}", answer.id));
        newest.text(&content, Some(&answer.content), &format!("the content of its answer {}", answer.id));
        newest.text(&comment, answer.comment.as_deref(), &format!("the comment on its answer {}", answer.id));
    }
    for (place, request) in case.requests.iter().enumerate() {
        let [fact, reason] = step_digests::request(place + 1);
        newest.fact(&fact, &request.fact(), &format!("its request {}", request.id));
        newest.text(&reason, Some(&request.reason), &format!("the reason of its request {}", request.id));
    }
    words(case, &mut newest);
    files(case, &mut newest);
    told(case, &mut newest.findings);
    newest.lost(case);
    (newest.findings, newest.doubts)
}

fn words(case: &PetitionRecords<'_>, newest: &mut LatestDigests<'_>) {
    if let Some(text) = case.text {
        newest.text(step_digests::TITLE, Some(&text.title), "its title");
        newest.text(step_digests::CONTENT, Some(&text.content), "its content");
        if text.search_text != fold(&format!("{} {}", text.title, text.content)) {
            newest.findings.push("its search_text is not that of its words".to_owned());
        }
    }
    if let Some(petitioner) = case.petitioner {
        newest.fact(step_digests::HIDES, &petitioner.hides.to_string(), "hide_identity of its petitioner");
        if let Some(told) = petitioner.opened.as_ref().and_then(|row| row.told().ok()) {
            newest.text(step_digests::PERSON, Some(&told), "its petitioner");
        }
    }
    let account = case.petition.account_id.map(|id| id.to_string());
    newest.text(step_digests::ACCOUNT, account.as_deref(), "the account of its petitioner");
}

/// Files are deleted with the personal data, so that missing ones are checked against the redactions later.
fn files(case: &PetitionRecords<'_>, newest: &mut LatestDigests<'_>) {
    let now = (!case.files.is_empty()).then(|| step_digests::files(case.files.iter().map(|row| row.id.as_str())));
    match newest.facts.get(step_digests::FILES).cloned() {
        Some((was, entry)) if now.as_ref() != Some(&was) => newest.doubts.push(TextMismatch {
            code: newest.code.to_owned(),
            entry: entry.sequence,
            name: step_digests::FILES.to_owned(),
            was,
            now,
            is_of_chain: false,
            sentence: format!("its files are not those of entry {} ({})", entry.sequence, entry.action),
        }),
        None if now.is_some() && newest.is_complete => newest.findings.push("its files are known to no entry".to_owned()),
        _ => {}
    }
    for row in case.files {
        let name = step_digests::file(&row.id);
        // A file is covered by the first step after it was attached.
        if newest.facts.contains_key(&name) {
            newest.fact(&name, &row.fact(), &format!("its file {}", row.id));
        }
        let joined =
            |entry: &TimelineEntry| row.joined_at == Some(entry.at) && matches!(entry.action, Action::File | Action::Reply);
        if !case.entries.iter().any(|(entry, _)| joined(entry)) {
            newest.findings.push(format!("its file {} was joined in no entry", row.id));
        }
    }
}

/// Checks who was notified in the application of each entry.
fn told(case: &PetitionRecords<'_>, findings: &mut Vec<String>) {
    for (entry, _) in case.entries {
        let own = || case.notifications.iter().filter(|row| row.sequence == entry.sequence);
        let audiences: Vec<Audience> = own().map(|row| row.audience).collect();
        if entry.facts().get(step_digests::TOLD).is_some_and(|was| *was != step_digests::told(&audiences)) {
            findings.push(format!("others are told of entry {} ({}) than it says", entry.sequence, entry.action));
        }
        for row in own().filter(|row| row.created_at != entry.at || row.agency_id != entry.agency_id) {
            findings.push(format!("its notification {} has another time or agency than entry {}", row.id, entry.sequence));
        }
    }
    let is_lost = |row: &&NotificationRow| case.entries.iter().all(|(entry, _)| entry.sequence != row.sequence);
    for row in case.notifications.iter().filter(is_lost) {
        findings.push(format!("its notification {} belongs to no entry", row.id));
    }
}

impl<'a> LatestDigests<'a> {
    fn of(case: &PetitionRecords<'a>) -> Self {
        let is_complete = case.entries.first().is_some_and(|(first, _)| first.hash_version != OVER_TEXTS);
        let (mut facts, mut texts) = (BTreeMap::new(), BTreeMap::new());
        for (entry, _) in case.entries {
            facts.extend(entry.facts().into_iter().map(|(name, hash)| (name, (hash, entry))));
            texts.extend(entry.texts().into_iter().map(|(name, hash)| (name, (hash, entry))));
        }
        Self { facts, texts, is_complete, code: &case.petition.code, findings: Vec::new(), doubts: Vec::new() }
    }

    fn fact(&mut self, name: &str, now: &str, what: &str) {
        match self.facts.get(name) {
            Some((was, _)) if was == now => {}
            Some((_, entry)) => {
                self.findings.push(format!("{what} is not what entry {} ({}) left behind", entry.sequence, entry.action));
            }
            None if self.is_complete => self.findings.push(format!("{what} is known to no entry of the timeline")),
            None => {}
        }
    }

    fn text(&mut self, name: &str, text: Option<&str>, what: &str) {
        let Some((was, entry)) = self.texts.get(name) else {
            if text.is_some() && self.is_complete {
                self.findings.push(format!("{what} is known to no entry of the timeline"));
            }
            return;
        };
        let now = entry.salted(name, text);
        if now.as_ref() != Some(was) {
            self.doubts.push(TextMismatch {
                code: self.code.to_owned(),
                entry: entry.sequence,
                name: name.to_owned(),
                was: was.clone(),
                now,
                is_of_chain: false,
                sentence: format!("{what} is not what entry {} ({}) left behind", entry.sequence, entry.action),
            });
        }
    }

    /// Reports rows that an entry covers and that are gone.
    fn lost(&mut self, case: &PetitionRecords<'_>) {
        let of_kind = |kind: &str| self.facts.keys().filter(|name| name.starts_with(kind)).count();
        for (kind, stored) in
            [("document/", case.documents.len()), ("answer/", case.answers.len()), ("request/", case.requests.len())]
        {
            let known = of_kind(kind);
            if known > stored {
                let what = kind.trim_end_matches('/');
                self.findings.push(format!("{stored} rows of {what}s are there, the timeline says {known}"));
            }
        }
    }
}
