//! `pakn load-reference <dir>`: updates the directory from the CSV files of a folder, or reports everything
//! that is wrong with them.

use super::migrate;
use crate::app::App;
use crate::audit::AuditActor;
use crate::config::Config;
use crate::directory::load_reference::reference::{AGENCIES, AREAS, CATEGORIES, HOLIDAYS};
use crate::directory::load_reference::{LoadError, ReferenceFiles, load};
use crate::kernel::clock::SystemClock;
use anyhow::{Context, bail};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Loads agencies, areas, categories and holidays from CSV files.
#[derive(Debug, clap::Args)]
pub(super) struct LoadReference {
    /// Folder with agencies-2023.csv, areas-2023.csv, categories.csv and holidays.csv.
    folder: PathBuf,
}

impl LoadReference {
    /// Loads all files or none, and prints the changes.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        let files = read(&self.folder)?;
        migrate::up_to_date(&config).await?;
        let app = App::open(config, Arc::new(SystemClock))?.in_background();
        let loaded = load(&app, &AuditActor::operator(), &files).await;
        app.close().await;
        match loaded {
            Ok(summary) => {
                outln!("{} added, {} changed, {} unchanged", summary.added, summary.changed, summary.kept);
                Ok(())
            }
            Err(LoadError::Faulty(problems)) => {
                problems.iter().for_each(|problem| errln!("{problem}"));
                bail!("{} problems, nothing was loaded", problems.len());
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn read(folder: &Path) -> anyhow::Result<ReferenceFiles> {
    let file = |name: &str| match std::fs::read(folder.join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        // A missing file is reported together with all other problems.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", folder.join(name).display())),
    };
    Ok(ReferenceFiles {
        areas: file(AREAS)?,
        agencies: file(AGENCIES)?,
        categories: file(CATEGORIES)?,
        holidays: file(HOLIDAYS)?,
    })
}
