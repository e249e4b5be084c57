//! Redacts a person from every text of one petition: title and content, answers with drafts and comments,
//! requests, timeline.
//!
//! Takes a function that changes a text and returns the evidence ([`Redaction`]) for the audit record. Rule:
//! the hashes of the timeline stay unchanged; the salt of a removed text is deleted, and its replacement gets a
//! new salt.

use super::redaction::Redaction;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::ids::PetitionId;
use crate::kernel::record_digest::{SALT_BYTES, salted, stored};
use crate::kernel::search_text::fold;
use crate::personal::store::redacted_texts as storage;
use crate::petitions::rules::Action;
use crate::petitions::rules::timeline::{OVER_TEXTS, TimelineEntry};
use crate::petitions::step_digests;
use crate::petitions::store::{TextRow, record_digests, texts, timeline};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Maximum number of timeline entries processed; no petition has as many.
const ENTRIES: i64 = 100_000;

/// Category of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// The record of the case: title, content, answers.
    Case,
    /// Everything else: notes, questions, replies, reasons, comments.
    Words,
}

/// Returns the changed text; `None` removes it.
pub(super) type TextChange<'a> = &'a dyn Fn(TextKind, &str) -> Option<String>;

/// A timeline during redaction.
struct TimelineRedactor {
    entries: Vec<(TimelineEntry, String)>,
    salts: Vec<BTreeMap<String, String>>,
    changed: BTreeSet<usize>,
    lost: Vec<Redaction>,
}

impl TimelineRedactor {
    fn open(connection: &mut DbConnection, id: PetitionId) -> Result<Self, ServiceError> {
        let entries = timeline::page(connection, id, false, 0, ENTRIES)?;
        let salts = entries.iter().map(|(entry, _)| serde_json::from_str(&entry.salts).unwrap_or_default()).collect();
        Ok(Self { entries, salts, changed: BTreeSet::new(), lost: Vec::new() })
    }

    fn close(self, connection: &mut DbConnection, id: PetitionId) -> Result<Vec<Redaction>, ServiceError> {
        for at in &self.changed {
            let Some(((entry, _), salts)) = self.entries.get(*at).zip(self.salts.get(*at)) else { continue };
            let place = (id, entry.sequence);
            storage::replace_entry(connection, place, entry.note.as_deref(), &entry.detail, &stored(salts))?;
        }
        Ok(self.lost)
    }

    /// Replaces a text covered by a timeline entry.
    fn replace(&mut self, at: usize, name: &str, was: &str, now: Option<&str>) {
        let Some(((entry, _), salts)) = self.entries.get(at).zip(self.salts.get_mut(at)) else { return };
        salts.remove(name);
        let now = now.map(|text| {
            let salt = BASE64URL_NOPAD.encode(&rand::random::<[u8; SALT_BYTES]>());
            let hash = salted(&salt, text);
            salts.insert(name.to_owned(), salt);
            hash
        });
        self.changed.insert(at);
        self.lost.push(Redaction { entry: entry.sequence, text: name.to_owned(), was: was.to_owned(), now });
    }

    /// Replaces a text outside of the timeline: its newest digest gets the evidence, older ones only lose their
    /// salt.
    fn replace_beside(&mut self, name: &str, now: Option<&str>) {
        let mut newest = None;
        for (at, (entry, _)) in self.entries.iter().enumerate() {
            if let Some(was) = entry.texts().remove(name) {
                if let Some(salts) = self.salts.get_mut(at) {
                    salts.remove(name);
                    self.changed.insert(at);
                }
                newest = Some((at, was));
            }
        }
        if let Some((at, was)) = newest {
            self.replace(at, name, &was, now);
        }
    }
}

/// Changes every text of a petition and returns the evidence; empty when nothing has changed.
pub(super) fn redact(
    connection: &mut DbConnection,
    id: PetitionId,
    change: TextChange<'_>,
) -> Result<Vec<Redaction>, ServiceError> {
    let mut ledger = TimelineRedactor::open(connection, id)?;
    words(connection, id, change, &mut ledger)?;
    answers_and_requests(connection, id, change, &mut ledger)?;
    own_texts(change, &mut ledger);
    ledger.close(connection, id)
}

/// Deletes the salts of all digests of the petitioner, so that they cannot be matched with a person.
pub(super) fn forget_person(connection: &mut DbConnection, id: PetitionId) -> Result<Vec<Redaction>, ServiceError> {
    let mut ledger = TimelineRedactor::open(connection, id)?;
    for name in [step_digests::PERSON, step_digests::ACCOUNT] {
        ledger.replace_beside(name, None);
    }
    let newest = ledger
        .entries
        .iter()
        .rev()
        .find_map(|(entry, _)| entry.facts().remove(step_digests::FILES).map(|was| (entry.sequence, was)));
    if let Some((entry, was)) = newest {
        ledger.lost.push(Redaction { entry, text: step_digests::FILES.to_owned(), was, now: None });
    }
    ledger.close(connection, id)
}

fn words(
    connection: &mut DbConnection,
    petition_id: PetitionId,
    change: TextChange<'_>,
    ledger: &mut TimelineRedactor,
) -> Result<(), ServiceError> {
    let before = texts::find(connection, petition_id)?;
    let title = change(TextKind::Case, &before.title).unwrap_or_default();
    let content = change(TextKind::Case, &before.content).unwrap_or_default();
    if (&title, &content) == (&before.title, &before.content) {
        return Ok(());
    }
    for (name, old, new) in [(step_digests::TITLE, &before.title, &title), (step_digests::CONTENT, &before.content, &content)] {
        if old != new {
            ledger.replace_beside(name, Some(new));
        }
    }
    let search_text = fold(&format!("{title} {content}"));
    Ok(storage::replace_texts(connection, &TextRow { petition_id, title, content, search_text })?)
}

fn answers_and_requests(
    connection: &mut DbConnection,
    id: PetitionId,
    change: TextChange<'_>,
    ledger: &mut TimelineRedactor,
) -> Result<(), ServiceError> {
    let beside = record_digests::beside(connection, id)?;
    for (place, row) in beside.answers.iter().enumerate() {
        let [_, content_name, comment_name] = step_digests::answer(place + 1);
        let content = change(TextKind::Case, &row.content).unwrap_or_default();
        let comment = row.comment.as_deref().and_then(|comment| change(TextKind::Words, comment));
        if content != row.content {
            ledger.replace_beside(&content_name, Some(&content));
        }
        if comment != row.comment {
            ledger.replace_beside(&comment_name, comment.as_deref());
        }
        if content != row.content || comment != row.comment {
            storage::replace_answer(connection, row.id, &content, comment.as_deref())?;
        }
    }
    for (place, row) in beside.requests.iter().enumerate() {
        let [_, name] = step_digests::request(place + 1);
        let reason = change(TextKind::Words, &row.reason);
        if reason.as_deref() != Some(&row.reason) {
            ledger.replace_beside(&name, reason.as_deref());
            storage::replace_reason(connection, row.id, reason.as_deref().unwrap_or_default())?;
        }
    }
    Ok(())
}

/// Changes notes, and the texts of other systems in the details.
fn own_texts(change: TextChange<'_>, ledger: &mut TimelineRedactor) {
    let mut previous = String::new();
    for at in 0..ledger.entries.len() {
        let Some((entry, hash)) = ledger.entries.get(at).cloned() else { continue };
        // The entry that sent the answer contains its text.
        let kind = if matches!(entry.action, Action::Approve | Action::Submit) { TextKind::Case } else { TextKind::Words };
        let note = entry.note.as_deref().and_then(|note| change(kind, note));
        let detail = changed_detail(&entry.detail, change);
        if note != entry.note || detail != entry.detail {
            if let Some((stored, _)) = ledger.entries.get_mut(at) {
                stored.note.clone_from(&note);
                stored.detail.clone_from(&detail);
            }
            if entry.hash_version == OVER_TEXTS {
                // Older hashes cover the texts directly: from now on this evidence covers them.
                let rest = entry.hash_without_texts(&previous);
                ledger.replace(at, "note", &hash, note.as_deref());
                ledger.replace(at, "detail", &hash, Some(&detail));
                ledger.lost.push(Redaction {
                    entry: entry.sequence,
                    text: "entry".to_owned(),
                    was: hash.clone(),
                    now: Some(rest),
                });
            } else {
                let texts = entry.texts();
                if note != entry.note {
                    ledger.replace(at, "note", texts.get("note").map(String::as_str).unwrap_or_default(), note.as_deref());
                }
                if detail != entry.detail {
                    ledger.replace(at, "detail", texts.get("detail").map(String::as_str).unwrap_or_default(), Some(&detail));
                }
            }
        }
        previous = hash;
    }
}

/// Keeps machine-readable details and changes texts written elsewhere.
fn changed_detail(detail: &str, change: TextChange<'_>) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str::<Value>(detail) else { return detail.to_owned() };
    let mut has_changed = false;
    for name in ["exchange_text", "exchange_document"] {
        let Some(text) = fields.get(name).and_then(Value::as_str).map(str::to_owned) else { continue };
        match change(TextKind::Words, &text) {
            Some(same) if same == text => continue,
            Some(other) => drop(fields.insert(name.to_owned(), other.into())),
            None => drop(fields.remove(name)),
        }
        has_changed = true;
    }
    if has_changed { Value::Object(fields).to_string() } else { detail.to_owned() }
}
