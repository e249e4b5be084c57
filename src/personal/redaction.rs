//! The evidence for redacted texts: stored in the audit entry of the redaction and checked by `ops::verify`.

use crate::petitions::publication::ModeratedWords;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Audit action: a whole petition was anonymised.
pub const ANONYMISE: &str = "anonymise_petition";
/// Audit action: a person was redacted from another person's petition.
pub const ERASE_MENTION: &str = "erase_mention";
/// Audit actions that redact texts.
pub const ACTIONS: &[&str] = &[ANONYMISE, ERASE_MENTION];
/// Field of the audit detail that holds the list.
pub const FIELD: &str = "lost";

/// Text name of the public wording chosen by a moderator.
pub const CHOSEN_WORDS: &str = "chosen_words";

/// A text that was removed or replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// Sequence of the timeline entry that covers it.
    pub entry: i32,
    /// Name of its digest; `note`, `detail` and `entry` for an entry whose hash covers its texts directly.
    pub text: String,
    /// Its digest, or the hash of the entry whose hash covers its texts directly.
    pub was: String,
    /// Hash of the replacement; `None` when the text was removed.
    pub now: Option<String>,
}

impl Redaction {
    /// Creates the evidence for a public wording chosen by a moderator.
    #[must_use]
    pub fn of_chosen_words(chosen: ModeratedWords) -> Self {
        Self { entry: chosen.entry, text: CHOSEN_WORDS.to_owned(), was: chosen.was, now: Some(chosen.now) }
    }
}

/// Reads the list from the detail of an audit entry.
#[must_use]
pub fn read(detail: &str) -> Vec<Redaction> {
    let detail: Value = serde_json::from_str(detail).unwrap_or_default();
    detail.get(FIELD).and_then(|list| serde_json::from_value(list.clone()).ok()).unwrap_or_default()
}
