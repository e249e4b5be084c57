//! Matches changed texts against the evidence that they were redacted for privacy.
//!
//! Every redaction records in the audit record, which is itself hash-chained and signed, the timeline entry,
//! the old hash, and the hash of the replacement ([`Redaction`]). A changed text without such a record was
//! changed by hand.

use crate::audit::store as audit;
use crate::db::Db;
use crate::db::service_error::ServiceError;
use crate::personal::redaction::{self, Redaction};
use std::collections::HashMap;

/// A text that does not match its recorded hash.
pub(super) struct TextMismatch {
    pub code: String,
    /// Sequence of the timeline entry that covers it.
    pub entry: i32,
    /// Name of the digest in that entry.
    pub name: String,
    /// The hash recorded in the entry.
    pub was: String,
    /// The hash of the current text with the stored salt; `None` without a text.
    pub now: Option<String>,
    /// Whether the text belongs to the timeline itself.
    pub is_of_chain: bool,
    /// The finding to report when there is no evidence.
    pub sentence: String,
}

/// Returns the findings without evidence, for timelines and for the rows beside them.
pub(super) async fn settle(db: &Db, doubts: Vec<TextMismatch>) -> Result<(Vec<String>, Vec<String>), ServiceError> {
    let (mut chains, mut rows) = (Vec::new(), Vec::new());
    if doubts.is_empty() {
        return Ok((chains, rows));
    }
    let mut codes: Vec<String> = doubts.iter().map(|doubt| doubt.code.clone()).collect();
    codes.sort();
    codes.dedup();
    let evidence = db.read(move |connection| audit::details(connection, redaction::ACTIONS, &codes)).await?;
    let mut known: HashMap<(String, i32, String), Redaction> = HashMap::new();
    // In chronological order: the last redaction wins.
    for (code, detail) in evidence {
        for lost in redaction::read(&detail) {
            known.insert((code.clone(), lost.entry, lost.text.clone()), lost);
        }
    }
    for doubt in doubts {
        let lost = known.get(&(doubt.code.clone(), doubt.entry, doubt.name.clone()));
        if lost.is_some_and(|lost| lost.was == doubt.was && lost.now == doubt.now) {
            continue;
        }
        let sentence = format!("{}: {}", doubt.code, doubt.sentence);
        let findings = if doubt.is_of_chain { &mut chains } else { &mut rows };
        if !findings.contains(&sentence) {
            findings.push(sentence);
        }
    }
    Ok((chains, rows))
}
