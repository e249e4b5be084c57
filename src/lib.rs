//! Petitions (*phản ánh, kiến nghị*) of the citizens and businesses of Bắc Ninh province.
//!
//! Top-level modules, lowest first; each may use only those listed before it:
//!
//! - [`kernel`]: shared domain types. [`db`]: database access. [`config`]: settings. [`web`]: common handler
//!   code.
//! - [`audit`]: the audit record. [`accounts`]: accounts and sign-in. [`directory`]: agencies, areas,
//!   categories, rules, calendar, deadlines. [`officers`]: accounts that belong to an agency.
//! - [`attachments`]: uploaded files. [`petitions`]: the petition life cycle. [`figures`]: statistics.
//! - [`delivery`]: outgoing messages and events. [`reform`]: reorganisation of agencies and areas, including
//!   the petitions that move. [`integrations`]: other systems.
//! - [`personal`]: the data of one person across all modules. [`sample_data`]: generated data.
//! - [`ops`]: command line, jobs, metrics, verification, server.
//!
//! Within a module, `rules` is pure logic without I/O, `store` holds all SQL, `http` holds the handlers, and
//! the files beside them are the use cases, named by their verb.

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
