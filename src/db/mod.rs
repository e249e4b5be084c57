//! The database: one gate for both kinds, the schema, and what keeps personal data sealed.
//!
//! Use cases come in through [`Db`], which runs their closures on a [`DbConnection`] and opens the transaction around them;
//! the `store` of each wing holds its queries, and no other code knows SQL. What differs between SQLite and PostgreSQL stands in
//! `connection`, `copy`, `gate`, `writer`, `error`, `migrate` and `dialect` and nowhere else. Nobody above sees an error of Diesel.

pub mod backup;
pub mod columns;
pub mod connection;
pub mod copy;
pub mod dialect;
pub mod error;
pub mod files;
pub mod gate;
pub mod idempotency;
mod lane;
pub mod leases;
mod line;
pub mod migrate;
pub mod partial;
pub mod patience;
mod pool;
mod priority;
pub mod room;
pub mod schema;
pub mod service_error;
mod settings;
pub mod space;
pub mod spool;
pub mod store;
pub mod vault;
mod writer;

pub use connection::{Backend, DatabaseUrl, DbConnection, Durability};
pub use error::{AsStorageError, Constraint, StorageError};
pub use gate::Db;
pub use settings::DbSettings;
pub use vault::Vault;
