//! The API as clients meet it: a real server, requests over a socket, modules named as the routes.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/database.rs"]
mod database;
#[path = "../support/life.rs"]
mod life;

mod accounts;
mod admin_accounts;
mod admin_directory;
mod admin_rules;
mod api_spec;
mod backup;
mod bad_requests;
mod directory;
mod readme_walk;
mod server;
mod statistics;
mod verify;
mod worker;
