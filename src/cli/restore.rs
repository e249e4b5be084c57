//! `pakn restore`: puts a copy of `pakn backup` in the place of the embedded database, while no server runs.
//!
//! The copy is checked first (readable to the last page, references whole, written by this version or an older one) and
//! then put in place with one rename, so that a failure at any point leaves the database as it was. The database that was
//! replaced stays beside it, to be removed by hand. Then missing migrations are applied, and the audit record says that there was
//! a restore. For PostgreSQL `pg_restore` does this; the command says how.

use crate::cli::{audit, migrate};
use crate::config::{Config, secrets};
use crate::domain::Instant;
use crate::services::audit::Deed;
use crate::storage::{DatabaseUrl, backup};
use anyhow::{Context, bail};
use std::path::PathBuf;

/// Puts a copy in the place of the embedded database; the server has to be stopped.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The file that `pakn backup` wrote
    file: PathBuf,
    /// Also when the database holds petitions; it is kept beside under another name
    #[arg(long)]
    replace: bool,
}

impl Restore {
    /// Restores and says what there is now.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let address = config.address()?;
        if address.sqlite_path().is_none() {
            bail!("{}", with_pg_restore(&address));
        }
        secrets::create_data_dir(&config.data_dir)
            .with_context(|| format!("cannot create the data folder {}", config.data_dir.display()))?;
        let now = Instant::from_utc(chrono::Utc::now());
        let kept_as = format!(".replaced-{}", now.local().format("%Y%m%d-%H%M%S"));
        let (file, replace) = (self.file.clone(), self.replace);
        let restored = tokio::task::spawn_blocking(move || backup::restore(&address, &file, replace, &kept_as)).await??;
        let contents = &restored.contents;
        say!("restored {}: {} bytes, {} petitions", self.file.display(), contents.bytes, contents.petitions);
        // What was restored may be older than the audit record, which has to say that it was restored.
        let applied = migrate::up_to_date(config).await?;
        if !applied.is_empty() {
            say!("{} migrations were applied", applied.len());
        }
        let deed = Deed::new("restore", "database", "backup")
            .tell("petitions", contents.petitions)
            .tell("replaced", restored.replaced.is_some());
        audit::written_down(config, deed).await?;
        if let Some(kept) = &restored.replaced {
            say!("the database that was there is {}; remove it when all is well", kept.display());
        }
        say!("`pakn verify` checks the rest");
        Ok(())
    }
}

fn with_pg_restore(address: &DatabaseUrl) -> String {
    let database = address.without_password();
    format!(
        "PostgreSQL is restored with its own tool, while no server runs, into an empty database:\n    \
         pg_restore --no-owner --single-transaction --exit-on-error --dbname='{database}' <file>\n\
         The password comes from PGPASSWORD or ~/.pgpass. `pakn verify` checks the rest."
    )
}
