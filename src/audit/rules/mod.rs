//! The audit record: what an officer, an administrator or the operator did, each entry tied to the one before of its stream.
//!
//! Entries are never changed. Each carries the SHA-256 of all of its fields and of its predecessor's hash; the heads of all streams
//! are covered by a signed [`head`] every hour. `ops::verify` walks along all of it.

pub mod head;

use crate::kernel::Instant;
use crate::kernel::ids::AccountId;
use chrono::SecondsFormat;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// One entry. Everything is text or a number exactly as it is stored, so that no byte of a row is outside of the hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Whose chain: `account:<number>`, `operator`, `sign_in`, `system`.
    pub stream: String,
    /// 1, 2, 3 … in its stream, without gap.
    pub sequence: i64,
    /// When, as [`written`] writes it.
    pub at: String,
    /// The account that acted.
    pub account_id: Option<AccountId>,
    /// Its roles at that time, with commas.
    pub roles: String,
    /// What was done: a word of docs/contract.md §4.2, or verb and thing.
    pub action: String,
    /// What kind of thing it was done to.
    pub subject_kind: String,
    /// Its number or code.
    pub subject: String,
    /// The address from which it was asked, where it is known.
    pub source: Option<String>,
    /// The request in the server's log.
    pub request_id: Option<String>,
    /// What else there is to know, as JSON.
    pub detail: String,
    /// The hash of the entry before in the stream; empty for the first.
    pub previous_hash: String,
}

impl AuditEntry {
    /// SHA-256 over every field, in lower-case hex. Each field goes in with its length, and nothing is told from an empty text.
    #[must_use]
    pub fn hash(&self) -> String {
        let account = self.account_id.map(|id| id.0.to_string());
        EntryHasher::of("pakn audit entry 1")
            .text(&self.stream)
            .text(&self.sequence.to_string())
            .text(&self.at)
            .optional(account.as_deref())
            .text(&self.roles)
            .text(&self.action)
            .text(&self.subject_kind)
            .text(&self.subject)
            .optional(self.source.as_deref())
            .optional(self.request_id.as_deref())
            .text(&self.detail)
            .text(&self.previous_hash)
            .finish()
    }
}

/// How times are stored in the audit record: UTC with six digits, one text for one instant.
#[must_use]
pub fn written(at: Instant) -> String {
    at.utc().to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A hash over fields that cannot run into one another.
pub(crate) struct EntryHasher(Sha256);

impl EntryHasher {
    /// Begins with what is hashed, so that no two kinds of things have the same hash.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Sha256::new()).text(kind)
    }

    /// A text with its length before it.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// A text that may not be there.
    fn optional(mut self, text: Option<&str>) -> Self {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default())
    }

    /// The hash in lower-case hex.
    pub(crate) fn finish(self) -> String {
        HEXLOWER.encode(&self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AuditEntry {
        AuditEntry {
            stream: "account:7".to_owned(),
            sequence: 3,
            at: "2026-11-23T05:00:00.000000Z".to_owned(),
            account_id: Some(AccountId(7)),
            roles: "admin".to_owned(),
            action: "end_area".to_owned(),
            subject_kind: "area".to_owned(),
            subject: "12".to_owned(),
            source: None,
            request_id: Some("abc".to_owned()),
            detail: "{}".to_owned(),
            previous_hash: String::new(),
        }
    }

    #[test]
    fn every_field_counts_and_none_runs_into_the_next() {
        type EntryTampering = fn(&mut AuditEntry);
        let changes: [EntryTampering; 14] = [
            |entry| entry.stream.push('1'),
            |entry| entry.sequence += 1,
            |entry| entry.at = entry.at.replace('5', "6"),
            |entry| entry.account_id = None,
            |entry| entry.roles.push('x'),
            |entry| entry.action.push('x'),
            |entry| entry.subject_kind.push('1'),
            |entry| entry.subject.insert(0, '1'),
            |entry| entry.source = Some(String::new()),
            |entry| entry.request_id = None,
            |entry| entry.request_id = Some(String::new()),
            |entry| entry.detail.push(' '),
            |entry| entry.previous_hash.push('0'),
            |entry| (entry.subject_kind, entry.subject) = ("area1".to_owned(), "2".to_owned()),
        ];
        let mut hashes: Vec<String> = changes
            .iter()
            .map(|change| {
                let mut changed = entry();
                change(&mut changed);
                changed.hash()
            })
            .chain([entry().hash()])
            .collect();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), changes.len() + 1);
    }

    #[test]
    fn an_instant_is_written_in_one_way() {
        let at: Instant = serde_json::from_str("\"2026-11-23T12:00:00.5+07:00\"").unwrap();
        assert_eq!(written(at), "2026-11-23T05:00:00.500000Z");
    }
}
