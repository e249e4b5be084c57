//! What the storage layer promises, on the backend of the run.
//!
//! `writer` concerns SQLite alone and runs in every run; the ignored tests of `postgres` need a server (`tests/run` has one).
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../support/database.rs"]
mod database;

mod accounts;
mod addresses;
mod buckets;
mod columns;
mod line;
mod migrations;
mod postgres;
mod proxy;
mod questions;
mod schema;
mod transactions;
mod writer;
