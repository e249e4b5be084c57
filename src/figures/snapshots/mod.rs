//! Published reports: the figures of a summary, kept for ever with what stands behind them.
//!
//! [`publish`] asks a question, keeps the answer, the petitions behind it and a hash of everything; [`find`] and [`list`] give
//! it back as it was; [`recompute()`] asks the same question again and tells what has come out otherwise. Rule: what was published
//! never changes; there is no way to alter or remove it.

mod create;
mod difference;
pub(crate) mod digest;
mod lines;
mod question;
mod read;
pub(super) mod recompute;

pub use create::{NewSnapshot, publish};
pub use difference::{Change, FieldChange, FigureChange, PetitionChange};
pub use digest::{digest, sha256};
pub use question::SnapshotQuestion;
pub use read::{Snapshot, SnapshotCursor, SnapshotHead, SnapshotMonth, find, list};
pub use recompute::{ChangePage, SnapshotComparison, recompute};
