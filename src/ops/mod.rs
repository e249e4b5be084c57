//! Operations: command line, worker, server with its route table, metrics, verification and backups.
//!
//! The only module that may use all others; none of them uses it.

pub mod backup;
pub mod cli;
pub mod clock_rollback;
pub mod http;
pub mod installation;
pub mod jobs;
pub mod metrics;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod verify;
pub mod worker_status;
