//! The office: decisions and transaction borders.
//!
//! Handlers, jobs and the command line come in with a command of the domain and the acting account; each use case opens one
//! transaction and leaves with words of the domain or a [`error::ServiceError`].

pub mod access;
pub mod accounts;
pub mod attachments;
pub mod audit;
pub mod backup;
pub mod challenge;
pub mod channels;
pub mod charts;
pub mod clock_set_back;
mod csv_text;
pub mod demo;
pub mod directory;
pub mod documents;
pub mod error;
pub mod exchange;
pub mod flood;
pub mod generate;
pub mod idempotency;
pub mod installation;
pub mod leases;
pub mod messages;
pub mod notifications;
pub mod open311;
pub mod outbox;
pub mod partners;
pub mod personal;
pub mod petition_import;
pub mod petitions;
pub mod public;
pub mod publication;
pub mod reports;
pub mod seal;
pub mod shared_limits;
pub mod snapshots;
pub mod statistics;
pub mod tokens;
pub mod upkeep;
pub mod verify;
pub mod webhooks;
pub mod zalo;
