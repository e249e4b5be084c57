//! `pakn completions`: what a shell needs to complete commands and options.

use super::CommandLine;
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints what completes commands and options in a shell.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(self) -> anyhow::Result<()> {
        let mut command = CommandLine::command();
        let name = command.get_name().to_owned();
        // Into memory first: the library panics when whoever reads has gone.
        let mut script = Vec::<u8>::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        super::out::text(&String::from_utf8(script)?);
        Ok(())
    }
}
