//! Audit entries: actions of officers, administrators and the operator, chained by hash per stream.
//!
//! Entries are never changed. Each contains the SHA-256 of all its fields and of its predecessor's hash; a signed
//! [`head`] covers the ends of all streams every hour. `ops::verify` checks all of it.

pub mod head;

use crate::kernel::Instant;
use crate::kernel::ids::AccountId;
use chrono::SecondsFormat;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// One entry. All fields are text or numbers exactly as stored, so that the hash covers every byte of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The chain: `account:<number>`, `operator`, `sign_in`, `system`.
    pub stream: String,
    /// 1, 2, 3 … in its stream, without gaps.
    pub sequence: i64,
    /// Time in the format of [`written`].
    pub at: String,
    pub account_id: Option<AccountId>,
    /// Roles of the account at that time, comma-separated.
    pub roles: String,
    /// A word of docs/contract.md §4.2, or verb and object.
    pub action: String,
    /// Kind of the subject, such as `petition`.
    pub subject_kind: String,
    /// Id or code of the subject.
    pub subject: String,
    /// The client address, if known.
    pub source: Option<String>,
    /// The request id in the log.
    pub request_id: Option<String>,
    /// Further details, as JSON.
    pub detail: String,
    /// The hash of the previous entry in the stream; empty for the first.
    pub previous_hash: String,
}

impl AuditEntry {
    /// Returns the SHA-256 over all fields, in lower-case hex. Each field is hashed with its length; a missing
    /// value differs from an empty text.
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

/// Formats times for the audit record: UTC with six decimals, so that each instant has exactly one form.
#[must_use]
pub fn written(at: Instant) -> String {
    at.utc().to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Hashes a sequence of fields unambiguously: each is prefixed with its length.
pub(crate) struct EntryHasher(Sha256);

impl EntryHasher {
    /// Starts a hash with the kind of record, so that different kinds never have the same hash.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Sha256::new()).text(kind)
    }

    /// Adds a text, prefixed with its length.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// Adds an optional text.
    fn optional(mut self, text: Option<&str>) -> Self {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default())
    }

    /// Returns the hash in lower-case hex.
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
