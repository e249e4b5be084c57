//! `pakn import <file>`: imports old petitions of another system, all lines or none.

use crate::app::App;
use crate::audit::AuditActor;
use crate::integrations::imports;
use anyhow::Context;
use std::path::PathBuf;

/// Enters old petitions from a CSV file; the same file again changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// UTF-8 with a line of headings: `number,received_at,category,area,title,content` and what else is known.
    file: PathBuf,
    /// Name of the system that the petitions come from.
    #[arg(long, default_value = "import")]
    source: String,
    /// Checks every line and stores nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    /// Imports the petitions and prints how many.
    pub async fn run(self, app: &App) -> anyhow::Result<()> {
        let file = std::fs::read(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let report = imports::import(app, &AuditActor::operator(), &self.source, &file, self.dry_run)
            .await
            .map_err(super::account::refused)?;
        let done = if report.dry_run { "dry run, nothing was stored" } else { "done" };
        outln!("{done}: {} petitions entered, {} known already", report.created, report.unchanged);
        Ok(())
    }
}
