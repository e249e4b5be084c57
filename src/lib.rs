//! Petitions (*phản ánh, kiến nghị*) of the citizens and businesses of Bắc Ninh province.
//!
//! The wings, the lowest first; each one may use only those before it:
//!
//! - [`kernel`]: the words of all wings. [`db`]: the gate to the database. [`config`]: the settings. [`web`]: what every handler needs.
//! - [`audit`]: who did what. [`accounts`]: who one is. [`directory`]: agencies, areas, categories, rules, calendar, deadlines.
//!   [`officers`]: accounts with a place in an agency.
//! - [`attachments`]: files on their way in. [`petitions`]: the life of a petition. [`figures`]: what is counted of it.
//! - [`delivery`]: messages and events on their way out. [`reform`]: new agencies and areas, and petitions that move with them.
//!   [`integrations`]: other systems.
//! - [`personal`]: the data of one person in all wings. [`sample_data`]: data that nobody has lived.
//! - [`ops`]: the command line, jobs, metrics, verification, the server.
//!
//! Inside of a wing `rules` decide without input or output, `store` is the only SQL, `http` are the handlers, and what stands beside
//! them are the use cases, named by their verb.

#![forbid(unsafe_code)]

#[macro_use]
pub mod kernel;

pub mod accounts;
pub mod app;
pub mod attachments;
pub mod audit;
pub mod config;
pub mod db;
pub mod delivery;
pub mod directory;
pub mod figures;
pub mod integrations;
pub mod officers;
pub mod ops;
pub mod personal;
pub mod petitions;
pub mod reform;
pub mod sample_data;
pub mod web;
