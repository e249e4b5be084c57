//! The shelves: the only code that knows SQL.
//!
//! Services come in through [`Db`], which runs their closures on a [`DbConnection`] and opens the transaction around them;
//! the noun modules hold the queries. What differs between SQLite and PostgreSQL stands in `connection`, `copy`, `db`, `writer`,
//! `error`, `migrate` and `dialect` and nowhere else. Nobody above this layer sees an error of Diesel.

pub mod accounts;
pub mod ahead;
pub mod attachments;
pub mod audit;
pub mod audit_anchors;
pub mod backup;
pub mod buckets;
pub mod bulk;
pub mod columns;
pub mod connection;
pub mod contacts;
pub mod copy;
pub mod db;
pub mod dialect;
pub mod directory;
pub mod documents;
pub mod error;
pub mod exchange;
pub mod files;
pub mod idempotency;
pub mod imprints;
pub mod installation;
mod lane;
pub mod leases;
mod line;
pub mod migrate;
pub mod moderations;
pub mod notifications;
pub mod outbox;
pub mod partial;
pub mod partners;
pub mod patience;
pub mod petitions;
mod pool;
mod priority;
pub mod publications;
pub mod room;
pub mod schema;
mod settings;
pub mod snapshots;
pub mod space;
pub mod spent_proofs;
pub mod spool;
pub mod statistics;
pub mod subjects;
pub mod texts_taken_out;
pub mod timeline;
pub mod upload_room;
pub mod vault;
pub mod verify;
pub mod webhooks;
mod writer;
pub mod zalo;

pub use connection::{Backend, DatabaseUrl, DbConnection, Durability};
pub use db::Db;
pub use error::{AsStorageError, Constraint, StorageError};
pub use settings::DbSettings;
pub use vault::Vault;
