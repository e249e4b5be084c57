//! The figures: rolled-up rows, petitions one by one and the definitions themselves have to say the same, whatever happened.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::as_conversions, reason = "a test fails by panicking")]

#[path = "../support/database.rs"]
mod database;

mod agreement;
mod drill_down;
mod form;
mod generate;
mod history;
mod oracle;
mod recount;
mod rows;
