//! Shared code of the benchmarks: the server process, clients, a database server, test data and the report.
#![allow(dead_code, clippy::allow_attributes, reason = "each benchmark uses its own part")]

#[path = "../../tests/support/clients.rs"]
pub mod clients;
pub mod library;
#[path = "../../tests/support/petitions.rs"]
pub mod petitions;
pub mod postgres;
#[path = "../../tests/support/process.rs"]
pub mod process;
#[path = "../../tests/support/registers.rs"]
pub mod registers;
pub mod report;
#[path = "../../tests/support/storm.rs"]
pub mod storm;
#[path = "../../tests/support/wire.rs"]
pub mod wire;

use tempfile::TempDir;

/// Returns a folder on the file system of the project: the system's temporary folder may be in memory, where a
/// commit costs nothing.
pub fn folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}
