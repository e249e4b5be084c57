//! `pakn backup`: writes a complete backup into a new folder while the server runs.
//!
//! The database is a consistent snapshot that holds every petition acknowledged before the command started. The
//! backup holds personal data, so only its owner can read it. It deliberately excludes the keys: the manifest
//! names those that belong to it by fingerprints, which reveal nothing about them.

use crate::audit::AuditEvent;
use crate::config::Config;
use crate::db::backup::back_up;
use crate::kernel::Instant;
use crate::ops::backup::{self, BackupReport, Manifest};
use crate::ops::cli::audit;
use crate::ops::cli::progress::ProgressSteps;
use anyhow::bail;
use std::path::{Path, PathBuf};

/// Copies database and uploaded files into a new folder; the server may go on.
#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The new folder; an existing one is never overwritten
    target: PathBuf,
    /// Only lists the uploaded files with their hashes, because they are kept safe in another way
    #[arg(long)]
    without_files: bool,
    /// Writes nothing but the embedded database, as one file
    #[arg(long, conflicts_with = "without_files")]
    database_only: bool,
}

impl BackupArgs {
    /// Writes the backup and prints a summary.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        super::must_exist(config)?;
        if self.database_only {
            return one_file(config, self.target).await;
        }
        let now = Instant::from_utc(chrono::Utc::now());
        let mut steps = ProgressSteps::default();
        let tell = &mut |what, done, total| steps.update(what, done, total);
        let made = backup::make(config, &self.target, !self.without_files, now, tell).await;
        steps.end();
        let BackupReport { manifest, is_older } = made?;
        told(&self.target, &manifest);
        if !is_older {
            let event = AuditEvent::new("back_up", "database", "backup").with_json("petitions", &manifest.rows.get("petitions"));
            audit::written_down(config, event.with_json("files", &manifest.files.count)).await?;
        }
        Ok(())
    }
}

fn told(target: &Path, manifest: &Manifest) {
    let petitions = manifest.rows.get("petitions").copied().unwrap_or_default();
    outln!("{}: {} bytes, {petitions} petitions", target.display(), manifest.database.bytes + manifest.files.bytes);
    match manifest.files.included {
        true => outln!("{} uploaded files of {} bytes are in it", manifest.files.count, manifest.files.bytes),
        false => outln!("{} uploaded files of {} bytes are listed and not in it", manifest.files.count, manifest.files.bytes),
    }
    for name in &manifest.files.missing {
        outln!("BAD: the file {name} is missing in the store, or not what was uploaded");
    }
    outln!("Not in it are the keys; keep copies of them apart from it, it is good only with them:");
    for key in &manifest.keys {
        outln!("  {} ({}), fingerprint {}", key.file, key.variable, key.fingerprint);
    }
}

async fn one_file(config: &Config, file: PathBuf) -> anyhow::Result<()> {
    let address = config.address()?;
    if address.sqlite_path().is_none() {
        bail!("--database-only is for the embedded database; without it a backup of PostgreSQL is a folder as well");
    }
    let target = file.clone();
    let contents = tokio::task::spawn_blocking(move || back_up(&address, &target)).await??;
    outln!("{}: {} bytes, {} petitions", file.display(), contents.bytes, contents.petitions);
    if contents.missing_migrations == 0 {
        let event = AuditEvent::new("back_up", "database", "backup").with("petitions", contents.petitions);
        audit::written_down(config, event).await?;
    }
    outln!(
        "Not in it: the uploaded files, and the keys in {} (access-tokens.key, audit.key, links.key, personal.keys); keep copies apart.",
        config.data_dir.display()
    );
    Ok(())
}
