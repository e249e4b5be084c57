//! The program `pakn`: reads the command line and hands over.

use std::process::ExitCode;

fn main() -> ExitCode {
    pakn::cli::run()
}
