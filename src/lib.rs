//! Petitions (*phản ánh, kiến nghị*) of the citizens and businesses of Bắc Ninh province.
//!
//! The layers, from the outside in; each one may use only those below it:
//!
//! - [`cli`]: the command line, the only module that sees everything.
//! - [`http`]: bytes in, bytes out. [`jobs`]: what happens without anybody asking.
//! - [`services`]: decisions and transaction borders.
//! - [`storage`]: the only code that knows SQL.
//! - [`domain`]: the words and the rules; no input, no output.

#![forbid(unsafe_code)]

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod entropy;
pub mod http;
pub mod jobs;
pub mod services;
pub mod storage;
pub mod telemetry;
