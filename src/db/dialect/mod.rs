//! Statements that differ between the two databases; the only code used by `store` modules that checks the kind of
//! connection.
//!
//! Upserts are not among them: `INSERT … ON CONFLICT (key) DO UPDATE SET n = t.n + excluded.n` with `$1` works on
//! both, as long as the parameters first appear in ascending order (SQLite numbers them by appearance).

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
