//! The hash of a published report: everything in it enters as bytes, one SHA-256 leaves.
//!
//! Rule: the bytes are these lines in UTF-8, each ended by a line feed, with the JSON as it is stored:
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
//! So everybody can hold a published hash against the figures without seeing a petition, and whoever sees the petitions of one
//! month can hold them against the hash of that month.

use crate::figures::store::snapshots::{MonthHead, SnapshotRow};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

const FORM: &str = "pakn-snapshot-1";

/// SHA-256 of a text, in lower-case hex.
#[must_use]
pub fn sha256(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// The hash of a report; what its row says of the hash does not enter.
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
