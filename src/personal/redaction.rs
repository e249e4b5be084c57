//! The evidence for texts that were taken out: stands in the audit entry of whoever took them, and is asked by `ops::verify`.

use crate::petitions::publication::ModeratedWords;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A whole petition has lost its person.
pub const ANONYMISE: &str = "anonymise_petition";
/// Somebody was mentioned in a petition of somebody else.
pub const ERASE_MENTION: &str = "erase_mention";
/// Audit actions that take texts out.
pub const ACTIONS: &[&str] = &[ANONYMISE, ERASE_MENTION];
/// Where the list stands in the detail of the entry.
pub const FIELD: &str = "lost";

/// The name of other words that were chosen for what is public.
pub const CHOSEN_WORDS: &str = "chosen_words";

/// A text that was taken out or replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// The entry of the timeline that covers it.
    pub entry: i32,
    /// The name of its imprint; `note`, `detail` and `entry` of an entry that is hashed over its texts.
    pub text: String,
    /// Its imprint, or the hash of the entry that is hashed over its texts.
    pub was: String,
    /// The hash of what stands in its place; none where nothing does.
    pub now: Option<String>,
}

impl Redaction {
    /// Of what was chosen for what is public.
    #[must_use]
    pub fn of_chosen_words(chosen: ModeratedWords) -> Self {
        Self { entry: chosen.entry, text: CHOSEN_WORDS.to_owned(), was: chosen.was, now: Some(chosen.now) }
    }
}

/// The list in the detail of an audit entry.
#[must_use]
pub fn read(detail: &str) -> Vec<Redaction> {
    let detail: Value = serde_json::from_str(detail).unwrap_or_default();
    detail.get(FIELD).and_then(|list| serde_json::from_value(list.clone()).ok()).unwrap_or_default()
}
