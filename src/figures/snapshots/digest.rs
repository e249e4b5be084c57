//! The SHA-256 hash of a published report.
//!
//! The hashed bytes are these lines in UTF-8, each ended by a line feed, with the JSON as it is stored:
//!
//! ```text
//! pakn-snapshot-1
//! <id>
//! <title>
//! <created_at, RFC 3339 in +07:00>
//! <as_of, the same>
//! <rule version>
//! <question, JSON>
//! <figures, JSON>
//! <first day of a month> <how many petitions> <SHA-256 of the lines of its petitions, lower-case hex>
//! …one line for each month of receipt in their order
//! ```
//!
//! So everybody can check a published hash against the figures without access to any petition, and whoever has access
//! to the petitions of one month can check them against the hash of that month.

use crate::figures::store::snapshots::{MonthHead, SnapshotRow};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

const FORM: &str = "pakn-snapshot-1";

/// Returns the SHA-256 of a text in lower-case hex.
#[must_use]
pub fn sha256(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// Returns the hash of a report; the hash stored in its row is not part of the input.
#[must_use]
pub fn digest(snapshot: &SnapshotRow, months: &[MonthHead]) -> String {
    let SnapshotRow { code, title, created_at, created_by: _, as_of, rule_version, question, figures, sha256: _ } = snapshot;
    let (created_at, as_of) = (created_at.to_rfc3339(), as_of.to_rfc3339());
    let mut hash = Sha256::new();
    for line in [FORM, code, title, &created_at, &as_of, rule_version, question, figures] {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    for (received_in, count, lines) in months {
        hash.update(format!("{received_in} {count} {lines}\n").as_bytes());
    }
    HEXLOWER.encode(&hash.finalize())
}
