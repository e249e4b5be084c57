//! Statements that the two databases write differently; the only place in the noun modules' reach that looks at the kind of
//! connection.
//!
//! Upserts are not among them: `INSERT … ON CONFLICT (key) DO UPDATE SET n = t.n + excluded.n` with `$1` runs on both as it
//! stands, as long as the numbers appear first in ascending order (SQLite counts them by appearance).

pub mod append;
pub mod audit_triggers;
pub mod copy;
pub mod integrity;
pub(crate) mod interruptible;
pub mod lock;
pub(crate) mod on_backend;
pub(super) mod planner;
pub(crate) mod prepared;
pub mod scrub;
pub mod timeline_version;
