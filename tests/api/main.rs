//! The API as clients meet it: a real server, requests over a socket, modules named as the routes.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/database.rs"]
mod database;

mod accounts;
mod admin_accounts;
mod api_spec;
mod bad_requests;
mod demo;
mod server;
