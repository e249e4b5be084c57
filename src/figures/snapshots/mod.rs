//! Published reports: the figures of a summary, stored permanently together with the petitions behind them.
//!
//! [`publish`] runs a query and stores the result, the petitions behind it, and a hash of everything; [`find`] and
//! [`list`] return it unchanged; [`recompute()`] runs the same query again and returns the differences. Published
//! reports are immutable; there is no update and no delete.

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
