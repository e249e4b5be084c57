//! The API as clients meet it: a real server, requests over a socket, modules named as the routes.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../support/app.rs"]
mod app;
#[path = "../support/clients.rs"]
mod clients;
#[path = "../support/database.rs"]
mod database;
#[path = "../support/identity_provider.rs"]
mod identity_provider;
#[path = "../support/life.rs"]
mod life;
#[path = "../support/mail_server.rs"]
mod mail_server;
#[path = "../support/media.rs"]
mod media;
#[path = "../support/outside.rs"]
mod outside;
#[path = "../support/petitions.rs"]
mod petitions;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/registers.rs"]
mod registers;
#[path = "../support/storm.rs"]
mod storm;
#[path = "../support/town.rs"]
mod town;
#[path = "../support/wire.rs"]
mod wire;

mod account_safety;
mod accounts;
mod admin_accounts;
mod admin_directory;
mod admin_rules;
mod api_spec;
mod at_once;
mod attachments;
mod audit;
mod backup;
mod bad_requests;
mod calendar;
mod charts;
mod clock_set_back;
mod command_line;
mod commands;
mod concurrency;
mod conformance;
mod coordination;
mod copy;
mod crash;
mod demo;
mod directory;
mod documentation;
mod doors;
mod edxml;
mod filing;
mod handling_form;
mod inbox_and_register;
mod installation;
mod lifecycle_table;
mod limits;
mod load;
mod notifications;
mod oidc;
mod open311;
mod outbox;
mod partners;
mod personal_data;
mod petition_import;
mod petition_life;
mod public_petitions;
mod publication;
mod readme_walk;
mod reorganise;
mod report_list;
mod report_parameters;
mod reports;
mod rights;
mod server;
mod sign_in;
mod snapshots;
mod statistics;
mod verify;
mod whole_bodies;
mod worker;
mod zalo;
