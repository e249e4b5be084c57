//! The database: one gate for both kinds, the schema, and what keeps personal data sealed.
//!
//! Use cases come in through [`Db`], which runs their closures on a [`DbConnection`] and opens the transaction around them;
//! the `store` of each wing holds its queries, and no other code knows SQL. What differs between SQLite and PostgreSQL stands in
//! `connection`, `copy`, `database`, `writer`, `error`, `migrate` and `dialect` and nowhere else. Nobody above sees an error of Diesel.
//!
//! Errors: whatever takes a connection can fail with a [`StorageError`] (the database is unavailable or busy, a row is missing, a
//! constraint was violated, somebody else changed the row first). The documentation of a function names only what it adds to these.

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
