//! `pakn completions`: prints the completion script for a shell.

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
        // Render into memory first: the library panics when the reader closes the pipe.
        let mut script = Vec::<u8>::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        super::out::text(&String::from_utf8(script)?);
        Ok(())
    }
}
