//! The program `pakn`: reads the command line and hands over.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    pakn::ops::cli::run()
}
