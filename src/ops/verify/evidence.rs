//! Texts that are not what was entered, against the evidence that they were taken out for the sake of a person.
//!
//! Whoever takes a text out names in the audit record, which is chained and signed itself, of which entry it was, its old hash, and the
//! hash of what was left in its place ([`Redaction`]). Whatever no such entry names was changed by hand.

use crate::audit::store as audit;
use crate::db::Db;
use crate::db::service_error::ServiceError;
use crate::personal::redaction::{self, Redaction};
use std::collections::HashMap;

/// A text that is not what was entered.
pub(super) struct TextMismatch {
    /// Of which petition.
    pub code: String,
    /// In which entry it was covered.
    pub entry: i32,
    /// Under which name.
    pub name: String,
    /// The hash that the entry has.
    pub was: String,
    /// The hash of what stands there now with the salt that is stored; none where nothing stands.
    pub now: Option<String>,
    /// Whether it belongs to the timeline itself.
    pub is_of_chain: bool,
    /// What is wrong if there is no evidence.
    pub sentence: String,
}

/// The findings that stay, in timelines and in the rows beside them.
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
    // In the order of time: what was done last holds.
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
