//! `pakn man`: prints the manual pages, generated from the same declarations as `--help`.

use super::CommandLine;
use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::path::PathBuf;

/// Prints the manual page of `pakn`, or writes one for each command.
#[derive(Debug, clap::Args)]
pub(super) struct ManPages {
    /// Folder for a page of each command, as `pakn-account-create.1`; pages that are there are replaced.
    #[arg(long)]
    dir: Option<PathBuf>,
}

impl ManPages {
    /// Prints the page, or writes one per command.
    pub fn run(self) -> anyhow::Result<()> {
        // A page for `pakn help` would add nothing.
        let mut program = CommandLine::command().disable_help_subcommand(true);
        program.build();
        let Some(folder) = self.dir else {
            super::out::text(&rendered(&page(program))?);
            return Ok(());
        };
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let pages: Vec<Man> = with_subcommands(program).into_iter().map(page).collect();
        for page in &pages {
            let file = folder.join(page.get_filename());
            std::fs::write(&file, rendered(page)?).with_context(|| format!("cannot write {}", file.display()))?;
        }
        outln!("wrote {} pages into {}", pages.len(), folder.display());
        Ok(())
    }
}

/// Returns a command and all its descendants.
fn with_subcommands(command: Command) -> Vec<Command> {
    let below: Vec<Command> = command.get_subcommands().filter(|inner| !inner.is_hide_set()).cloned().collect();
    std::iter::once(command).chain(below.into_iter().flat_map(with_subcommands)).collect()
}

/// Returns the page of one command, with the version of the program.
fn page(command: Command) -> Man {
    // An empty date would be omitted, and the version would then be parsed as the date.
    Man::new(command).date(" ").source(concat!("pakn ", env!("CARGO_PKG_VERSION")))
}

fn rendered(page: &Man) -> anyhow::Result<String> {
    let mut text = Vec::<u8>::new();
    page.render(&mut text)?;
    Ok(String::from_utf8(text)?)
}
