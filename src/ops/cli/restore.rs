//! `pakn restore`: replaces database and files with a backup, while no server runs.
//!
//! Checks every part first: manifest hashes, database integrity, a schema version that is not newer, and the
//! keys that belong to the backup. Then writes the files, and the database last with one rename or in one
//! transaction, so that a failure at any point leaves everything as it was. A replaced embedded database stays
//! beside the new one, to be deleted by hand. Finally applies missing migrations and records the restore in the
//! audit record.

use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::config::{Config, secrets};
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::clock::SystemClock;
use crate::ops::backup;
use crate::ops::cli::migrate;
use crate::ops::cli::progress::ProgressSteps;
use crate::ops::installation::{self, KeyCheckScope};
use anyhow::Context;
use std::path::PathBuf;
use std::sync::Arc;

/// Puts a backup in the place of database and files; the server has to be stopped.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The folder that `pakn backup` wrote, of either kind of database; or the one file of `--database-only`
    backup: PathBuf,
    /// Also when the embedded database holds petitions; it is kept beside under another name
    #[arg(long)]
    replace: bool,
    /// Goes on without the keys of access tokens and of the audit record that belong to the backup, because they are lost
    #[arg(long)]
    adopt_keys: bool,
}

impl Restore {
    /// Restores the backup and prints what the database holds now.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        secrets::create_data_dir(&config.data_dir)
            .with_context(|| format!("cannot create the data folder {}", config.data_dir.display()))?;
        let asked = if self.adopt_keys { KeyCheckScope::PersonalDataOnly } else { KeyCheckScope::Everything };
        let now = Instant::from_utc(chrono::Utc::now());
        let kept_as = format!(".replaced-{}", now.local().format("%Y%m%d-%H%M%S"));
        let mut steps = ProgressSteps::default();
        let tell = &mut |what, done, total| steps.update(what, done, total);
        let put = backup::restore(config, &self.backup, self.replace, asked, &kept_as, tell).await;
        steps.end();
        let put = put?;
        outln!("restored {}: {} bytes, {} petitions", self.backup.display(), put.contents.bytes, put.contents.petitions);
        match put.files {
            Some((added, there)) => outln!("{added} uploaded files were put back, {there} were there"),
            None => outln!("no uploaded files are in it; they are to be put back in another way"),
        }
        // The restored database may predate the audit record, which has to record the restore.
        let applied = migrate::up_to_date_with(config, asked).await?;
        if !applied.is_empty() {
            outln!("{} migrations were applied", applied.len());
        }
        let event = AuditEvent::new("restore", "database", "backup")
            .with("petitions", put.contents.petitions)
            .with("replaced", put.replaced.is_some());
        written_down(config, asked, event).await?;
        if let Some(kept) = &put.replaced {
            outln!("the database that was there is {}; remove it when all is well", kept.display());
        }
        outln!("`pakn verify` checks the rest");
        Ok(())
    }
}

async fn written_down(config: &Config, asked: KeyCheckScope, event: AuditEvent) -> anyhow::Result<()> {
    let app = App::open(config.clone(), Arc::new(SystemClock))?;
    let written = async {
        installation::remember(&app, asked).await?;
        anyhow::Ok(audit::transaction(&app, &AuditActor::operator(), move |_| Ok::<_, ServiceError>(((), event.clone()))).await?)
    };
    let written = written.await;
    app.close().await;
    written
}
