//! Running it: the command line, the worker, the server with its table of addresses, metrics, verification and backups.
//!
//! The only wing that sees everything; nothing below it knows of it.

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
