//! `pakn migrate`: applies pending database migrations; `serve` and the other commands do so too.

use crate::config::{Config, secrets};
use crate::db::migrate;
use crate::ops::backup;
use crate::ops::installation::{self, KeyCheckScope};
use anyhow::Context;

/// Brings the database up to date.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {}

impl Migrate {
    /// Applies pending migrations and prints their names.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let applied = up_to_date(config).await?;
        outln!("{} migrations applied to {}", applied.len(), config.address()?.without_password());
        Ok(())
    }
}

/// Applies pending migrations and returns their names. First checks that program, keys and database match.
pub(super) async fn up_to_date(config: &Config) -> anyhow::Result<Vec<String>> {
    up_to_date_with(config, KeyCheckScope::Everything).await
}

/// Like [`up_to_date`], with the given strictness of the key check.
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
