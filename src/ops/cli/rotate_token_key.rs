//! `pakn rotate-token-key`: creates a new key for access tokens and links without ending any session.

use crate::app::{App, TOKEN_KEY_FILE};
use crate::audit::{self, AuditActor, AuditEvent};
use crate::config::{Config, secrets};
use crate::db::service_error::ServiceError;
use crate::ops::installation::{self, KeyCheckScope};
use anyhow::{Context, bail};

/// Number of earlier keys that stay valid.
const KEPT: usize = 5;

/// Draws a new key for access tokens, links and seals; what the earlier keys signed stays good. Running instances take it with their next start.
#[derive(Debug, clap::Args)]
pub(super) struct RotateTokenKey {}

impl RotateTokenKey {
    /// Creates the new key in the data folder.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        if config.token_key.is_some() {
            bail!("the key is a setting: put a new one into token_key and the present one in front of earlier_token_keys");
        }
        if config.address()?.sqlite_path().is_some_and(|path| !path.is_file()) {
            return renew(&config);
        }
        // The database remembers the key's fingerprint: the check must pass with the old key, and the new one
        // is stored after.
        super::with_app(config, async |app| {
            renew(&app.config)?;
            known(app).await
        })
        .await
    }
}

fn renew(config: &Config) -> anyhow::Result<()> {
    secrets::create_data_dir(&config.data_dir)?;
    let file = config.data_dir.join(TOKEN_KEY_FILE);
    let earlier = secrets::renew(&file, KEPT).with_context(|| format!("cannot renew {}", file.display()))?;
    errln!("{} has a new key and {earlier} earlier ones; start the server again", file.display());
    Ok(())
}

async fn known(app: &App) -> anyhow::Result<()> {
    installation::remember(app, KeyCheckScope::Everything).await?;
    let event = AuditEvent::new("rotate_token_key", "database", "keys");
    Ok(audit::transaction(app, &AuditActor::operator(), move |_| Ok::<_, ServiceError>(((), event.clone()))).await?)
}
