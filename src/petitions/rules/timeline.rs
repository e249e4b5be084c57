//! One entry of a petition's timeline and the chain that ties each entry to the one before.
//!
//! Entries are never changed. Each carries the SHA-256 of its content and of its predecessor's hash, so that a change
//! by hand shows; `ops::verify` walks the chain.

use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, DocumentId, PetitionId};
use crate::kernel::record_digest::{FieldHasher, salted};
use crate::petitions::rules::{Action, Status};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

text_enum! {
    /// On whose behalf something happened.
    ActorKind {
        /// The petitioner.
        Petitioner = "petitioner",
        /// An officer.
        Officer = "officer",
        /// The worker, by a rule.
        System = "system",
    }
}

/// Who did something: on whose behalf, and with which account (none for guests and for the system).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// On whose behalf.
    pub kind: ActorKind,
    /// The account.
    pub account_id: Option<AccountId>,
}

impl Author {
    /// The worker.
    pub const SYSTEM: Self = Self { kind: ActorKind::System, account_id: None };

    /// An officer.
    #[must_use]
    pub const fn officer(account: AccountId) -> Self {
        Self { kind: ActorKind::Officer, account_id: Some(account) }
    }

    /// The petitioner, with or without an account.
    #[must_use]
    pub const fn petitioner(account: Option<AccountId>) -> Self {
        Self { kind: ActorKind::Petitioner, account_id: account }
    }
}

/// An entry as it stands after the step: state, holder and deadline are those that the step left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Whose timeline.
    pub petition_id: PetitionId,
    /// 1, 2, 3 … without gap; equal to the petition's version after the step.
    pub sequence: i32,
    /// When.
    pub at: Instant,
    /// What was done.
    pub action: Action,
    /// By whom.
    pub author: Author,
    /// The state after the step.
    pub status: Status,
    /// The holder after the step.
    pub agency_id: Option<AgencyId>,
    /// The document concerned.
    pub document_id: Option<DocumentId>,
    /// The deadline after the step.
    pub due_at: Instant,
    /// The rating, when the step is one.
    pub score: Option<i32>,
    /// Whether the petitioner sees it.
    pub is_public: bool,
    /// What somebody wrote.
    pub note: Option<String>,
    /// What a program needs to know, as JSON.
    pub detail: String,
    /// How the entry is hashed.
    pub hash_version: i32,
    /// Hashes of the rows that the step left behind, by name, as JSON.
    pub facts: String,
    /// Salted hashes of texts, by name, as JSON.
    pub texts: String,
    /// The salts of the texts that are still there, by name, as JSON.
    pub salts: String,
}

/// How an entry was hashed at first: over note and detail themselves.
pub const OVER_TEXTS: i32 = 1;
/// How an entry is hashed now: over facts and salted hashes, so that a text can go and the chain stays.
pub const OVER_IMPRINTS: i32 = 2;

impl TimelineEntry {
    /// The hash of this entry after the entry with hash `previous` (empty for the first), in lower-case hex.
    #[must_use]
    pub fn chain_hash(&self, previous: &str) -> String {
        match self.hash_version {
            OVER_TEXTS => self.hash_over_texts(previous),
            _ => self.step(FieldHasher::of("pakn timeline entry"), previous).text(&self.facts).text(&self.texts).hex(),
        }
    }

    /// The hash of everything in an entry of the first version that is no text, for when its texts have gone.
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

    /// The hash that a text has with the salt that is stored for it; none where neither a text nor a salt is left. A text that stands
    /// there without a salt was put there by nobody who may, and has a hash that none has.
    #[must_use]
    pub fn salted(&self, name: &str, text: Option<&str>) -> Option<String> {
        let text = text?;
        match by_name(&self.salts).get(name) {
            Some(salt) => Some(salted(salt, text)),
            None if text.is_empty() => None,
            None => Some("without a salt".to_owned()),
        }
    }

    /// The facts, by name.
    #[must_use]
    pub fn facts(&self) -> BTreeMap<String, String> {
        by_name(&self.facts)
    }

    /// The salted hashes, by name.
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

/// What stands in one of the columns of imprints; nothing where an entry has none.
fn by_name(json: &str) -> BTreeMap<String, String> {
    serde_json::from_str(json).unwrap_or_default()
}
