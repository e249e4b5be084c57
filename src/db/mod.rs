//! The database layer: one entry point for SQLite and PostgreSQL, the schema, and the encryption of personal data.
//!
//! Services call [`Db`], which runs their closures on a [`DbConnection`] inside a transaction; the `store` of each
//! module contains its queries, and no other code contains SQL. Differences between the databases are confined to
//! `connection`, `copy`, `database`, `writer`, `error`, `migrate` and `dialect`. No Diesel error leaves this
//! layer.
//!
//! Errors: every function that takes a connection can fail with a [`StorageError`] (database unavailable or busy,
//! row missing, constraint violated, row changed by someone else first). Function docs list only what they add to
//! these.

pub mod backup;
mod bulkhead;
pub mod columns;
pub mod connection;
pub mod copy;
pub mod database;
pub mod database_disk;
pub mod dialect;
pub mod disk_space;
pub mod error;
pub mod file_store;
pub mod idempotency;
mod job_queue;
pub mod leases;
pub mod migrate;
pub mod partial_file;
mod pool;
mod priority;
pub mod query_deadline;
pub mod schema;
pub mod service_error;
mod settings;
pub mod spool;
pub mod store;
pub mod vault;
mod writer;

pub use connection::{Backend, DatabaseUrl, DbConnection, Durability};
pub use database::Db;
pub use error::{AsStorageError, Constraint, StorageError};
pub use settings::DbSettings;
pub use vault::Vault;
