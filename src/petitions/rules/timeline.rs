//! Timeline entries and the hash chain that links each entry to its predecessor.
//!
//! Entries are never changed. Each contains the SHA-256 of its content and of its predecessor's hash, so that manual
//! changes are detected; `ops::verify` checks the chain.

use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, DocumentId, PetitionId};
use crate::kernel::record_digest::{FieldHasher, salted};
use crate::petitions::rules::{Action, Status};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

text_enum! {
    /// The kind of actor.
    ActorKind {
        /// The petitioner.
        Petitioner = "petitioner",
        /// An officer.
        Officer = "officer",
        /// The worker, by a rule.
        System = "system",
    }
}

/// The author of a step: kind and account (`None` for guests and for the system).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    pub kind: ActorKind,
    pub account_id: Option<AccountId>,
}

impl Author {
    /// The worker.
    pub const SYSTEM: Self = Self { kind: ActorKind::System, account_id: None };

    /// Returns an officer as author.
    #[must_use]
    pub const fn officer(account: AccountId) -> Self {
        Self { kind: ActorKind::Officer, account_id: Some(account) }
    }

    /// Returns the petitioner as author, with or without an account.
    #[must_use]
    pub const fn petitioner(account: Option<AccountId>) -> Self {
        Self { kind: ActorKind::Petitioner, account_id: account }
    }
}

/// One entry; status, holder and deadline are those after the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    pub petition_id: PetitionId,
    /// 1, 2, 3 … without gap; equals the petition's version after the step.
    pub sequence: i32,
    pub at: Instant,
    pub action: Action,
    pub author: Author,
    /// Status after the step.
    pub status: Status,
    /// Holding agency after the step.
    pub agency_id: Option<AgencyId>,
    pub document_id: Option<DocumentId>,
    /// Deadline after the step.
    pub due_at: Instant,
    /// The score, when the step is a rating.
    pub score: Option<i32>,
    /// Whether the petitioner sees the entry.
    pub is_public: bool,
    /// Text written by a person.
    pub note: Option<String>,
    /// Machine-readable details as JSON.
    pub detail: String,
    /// How the entry is hashed: [`OVER_TEXTS`] or [`OVER_IMPRINTS`].
    pub hash_version: i32,
    /// Hashes of the rows after the step, by name, as JSON.
    pub facts: String,
    /// Salted hashes of texts, by name, as JSON.
    pub texts: String,
    /// Salts of the texts that still exist, by name, as JSON.
    pub salts: String,
}

/// First hash version: over note and detail themselves.
pub const OVER_TEXTS: i32 = 1;
/// Current hash version: over facts and salted hashes, so that a text can be erased without breaking the chain.
pub const OVER_IMPRINTS: i32 = 2;

impl TimelineEntry {
    /// Returns the hash of this entry after the entry with hash `previous` (empty for the first), in lower-case hex.
    #[must_use]
    pub fn chain_hash(&self, previous: &str) -> String {
        match self.hash_version {
            OVER_TEXTS => self.hash_over_texts(previous),
            _ => self.step(FieldHasher::of("pakn timeline entry"), previous).text(&self.facts).text(&self.texts).hex(),
        }
    }

    /// Returns the hash of all parts of a first-version entry except its texts, used once its texts are erased.
    #[must_use]
    pub fn hash_without_texts(&self, previous: &str) -> String {
        self.step(FieldHasher::of("pakn timeline entry without its texts"), previous).finish()
    }

    fn step(&self, fields: FieldHasher, previous: &str) -> FieldHasher {
        fields
            .value(self.hash_version)
            .text(previous)
            .value(self.petition_id)
            .value(self.sequence)
            .text(&self.at.to_rfc3339())
            .text(self.action.as_str())
            .text(self.author.kind.as_str())
            .optional(self.author.account_id)
            .text(self.status.as_str())
            .optional(self.agency_id)
            .optional(self.document_id)
            .text(&self.due_at.to_rfc3339())
            .optional(self.score)
            .value(self.is_public)
    }

    /// Returns the hash of a text with its stored salt; `None` when neither text nor salt is left. A text without a
    /// salt was inserted by an unauthorised change and gets a hash that matches nothing.
    #[must_use]
    pub fn salted(&self, name: &str, text: Option<&str>) -> Option<String> {
        let text = text?;
        match by_name(&self.salts).get(name) {
            Some(salt) => Some(salted(salt, text)),
            None if text.is_empty() => None,
            None => Some("without a salt".to_owned()),
        }
    }

    /// Returns the facts by name.
    #[must_use]
    pub fn facts(&self) -> BTreeMap<String, String> {
        by_name(&self.facts)
    }

    /// Returns the salted hashes by name.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<String, String> {
        by_name(&self.texts)
    }

    fn hash_over_texts(&self, previous: &str) -> String {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        };
        let number = |value: Option<i64>| value.map_or_else(String::new, |value| value.to_string());
        field(previous.as_bytes());
        field(self.petition_id.to_string().as_bytes());
        field(self.sequence.to_string().as_bytes());
        field(self.at.to_rfc3339().as_bytes());
        field(self.action.as_str().as_bytes());
        field(self.author.kind.as_str().as_bytes());
        field(number(self.author.account_id.map(|id| id.0)).as_bytes());
        field(self.status.as_str().as_bytes());
        field(number(self.agency_id.map(|id| id.0)).as_bytes());
        field(number(self.document_id.map(|id| id.0)).as_bytes());
        field(self.due_at.to_rfc3339().as_bytes());
        field(number(self.score.map(i64::from)).as_bytes());
        field(if self.is_public { b"1" } else { b"0" });
        field(self.note.as_deref().unwrap_or_default().as_bytes());
        field(self.detail.as_bytes());
        HEXLOWER.encode(&hash.finalize())
    }
}

/// Parses a JSON column of hashes; empty when the entry has none.
fn by_name(json: &str) -> BTreeMap<String, String> {
    serde_json::from_str(json).unwrap_or_default()
}
