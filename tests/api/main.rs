//! The API as clients meet it: a real server, requests over a socket, modules named as the routes.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/database.rs"]
mod database;
#[path = "../support/town.rs"]
mod town;

mod accounts;
mod admin_accounts;
mod admin_directory;
mod admin_rules;
mod api_spec;
mod bad_requests;
<<<<<<< Updated upstream
mod directory;
=======
mod concurrency;
mod coordination;
mod filing;
mod inbox_and_register;
mod lifecycle_table;
mod petition_life;
mod public_petitions;
mod rights;
>>>>>>> Stashed changes
mod server;
mod statistics;
