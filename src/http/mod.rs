//! The door: bytes in, bytes out.
//!
//! A handler takes what the extractors of [`extract`] understood, calls one service and shapes the answer; whatever is refused,
//! by a service or before it was asked, leaves through [`problem`]. [`routes`] is the table of contents of the API.

pub mod accounts;
pub mod addresses;
pub mod admin;
pub mod attachments;
pub mod audit_heads;
mod calendar_figures;
pub mod challenges;
pub mod charts;
pub mod confirmations;
pub mod coordination;
pub mod cors;
pub mod description;
pub mod directory;
pub mod docs;
pub mod documents;
pub mod exchange;
pub mod extract;
pub mod health;
pub mod metrics;
pub mod middleware;
pub mod notifications;
pub mod open311;
pub mod openapi;
pub mod outbox_figures;
pub mod pages;
pub mod petition_figures;
pub mod petitions;
pub mod problem;
pub mod public;
pub mod publication;
pub mod reports;
mod room_figures;
pub mod routes;
pub mod security_txt;
pub mod server;
pub mod statistics;
pub mod tls;
pub mod worker_figures;
pub mod zalo;

pub use problem::Problem;

/// What a handler returns.
pub type Answer = Result<actix_web::HttpResponse, Problem>;
