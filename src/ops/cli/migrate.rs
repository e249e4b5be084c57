//! `pakn migrate`: brings the database up to date; `serve` and the other commands do so as well.

use crate::config::{Config, secrets};
use crate::db::migrate;
use crate::ops::backup;
use crate::ops::installation::{self, KeyCheckScope};
use anyhow::Context;

/// Brings the database up to date.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {}

impl Migrate {
    /// Applies what is missing and says what it was.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let applied = up_to_date(config).await?;
        outln!("{} migrations applied to {}", applied.len(), config.address()?.without_password());
        Ok(())
    }
}

/// Applies the migrations that are missing and returns them; refuses before that what does not belong together.
pub(super) async fn up_to_date(config: &Config) -> anyhow::Result<Vec<String>> {
    up_to_date_with(config, KeyCheckScope::Everything).await
}

/// The same, as strict with the keys as is asked for.
pub(super) async fn up_to_date_with(config: &Config, asked: KeyCheckScope) -> anyhow::Result<Vec<String>> {
    backup::clean_up(config).await?;
    let looked_at = config.clone();
    tokio::task::spawn_blocking(move || installation::check(&looked_at, asked)).await??;
    let address = config.address()?;
    secrets::create_data_dir(&config.data_dir)
        .with_context(|| format!("cannot create the data folder {}", config.data_dir.display()))?;
    let applied = tokio::task::spawn_blocking(move || migrate::migrate(&address)).await??;
    if !applied.is_empty() {
        tracing::info!(count = applied.len(), "database migrated");
    }
    Ok(applied)
}
