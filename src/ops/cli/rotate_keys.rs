//! `pakn rotate-keys`: creates a new personal data key and re-encrypts everything under it, while servers run.

use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::config::secrets;
use crate::db::service_error::ServiceError;
use crate::ops::cli::progress::Progress;
use crate::ops::installation::{self, KeyCheckScope};
use crate::personal::{self, ResealReport};
use anyhow::{Context, bail};
use std::time::Duration;

/// Time until every running server has reloaded the key file; servers check it every second.
const NOTICED: Duration = Duration::from_secs(3);

/// Maximum number of passes, because a server may have written under the earlier key meanwhile.
const ROUNDS: usize = 5;

/// Draws a new key for personal data and seals everything anew under it; may be stopped and run again, and a server may run meanwhile.
#[derive(Debug, clap::Args)]
pub(super) struct RotateKeys {
    /// Removes earlier keys from the file when nothing is sealed under them any more; backups from before need them.
    #[arg(long)]
    pub forget: bool,
    /// Draws no new key, only goes on sealing under the present one.
    #[arg(long)]
    pub resume: bool,
}

impl RotateKeys {
    /// Creates the new key and re-encrypts.
    pub async fn run(self, app: &App) -> anyhow::Result<()> {
        let is_file = app.config.personal_keys.is_empty();
        let file = app.config.personal_keys_file();
        let vault = app.db.vault();
        let present = vault.key_names()?.into_iter().next().unwrap_or_default();
        let is_interrupted = personal::key_use(app).await?.keys().any(|key| *key != present);
        if !is_file {
            errln!("the keys are a setting: the first of personal_keys is the present one");
        } else if self.resume || is_interrupted {
            errln!("goes on sealing under the present key; no new one is drawn");
        } else {
            secrets::renew(&file, usize::MAX).with_context(|| format!("cannot renew {}", file.display()))?;
            tokio::time::sleep(NOTICED).await;
        }
        let names = vault.key_names()?;
        let Some((present, earlier)) = names.split_first() else { bail!("there is no key") };
        // Before any key is removed: a start after an interruption must find the current key registered.
        installation::remember(app, KeyCheckScope::Everything).await?;
        let (sealed, closed) = reseal_all(app).await?;
        let uses = personal::key_use(app).await?;
        let in_use: Vec<&String> = earlier.iter().filter(|key| uses.get(*key).is_some_and(|count| *count > 0)).collect();
        errln!("{sealed} values were sealed under the key {present}");
        let is_forgotten = self.forget && is_file && closed.is_empty() && in_use.is_empty() && !earlier.is_empty();
        if is_forgotten {
            secrets::forget_earlier(&file).with_context(|| format!("cannot write {}", file.display()))?;
        }
        let forgotten = if is_forgotten { earlier.len() } else { 0 };
        let (key, earlier_keys) = (present.clone(), earlier.len() - forgotten);
        audit::transaction(app, &AuditActor::operator(), move |_| {
            let event = AuditEvent::new("rotate_keys", "personal_data", &key)
                .with_json("sealed", &sealed)
                .with_json("forgotten", &forgotten);
            Ok::<_, ServiceError>(((), event.with_json("earlier", &earlier_keys)))
        })
        .await?;
        for key in earlier {
            match uses.get(key).copied().unwrap_or_default() {
                0 if is_forgotten => outln!("{key} is forgotten"),
                0 => outln!("{key} can be removed: nothing is sealed under it"),
                count => outln!("{key} is needed by {count} values"),
            }
        }
        if !closed.is_empty() {
            for value in &closed {
                outln!("{value} does not open");
            }
            bail!("{} values do not open; their keys are missing, or they were changed by hand", closed.len());
        }
        Ok(())
    }
}

/// Re-encrypts everything not under the current key. Returns the number of values and those that cannot be
/// decrypted.
async fn reseal_all(app: &App) -> anyhow::Result<(usize, Vec<String>)> {
    let (mut sealed, mut closed) = (0, Vec::new());
    let total: i64 = personal::key_use(app).await?.values().sum();
    let progress = Progress::start("sealing");
    for _ in 0..ROUNDS {
        let tell =
            &mut |done: &ResealReport| progress.update(u64::try_from(done.values).unwrap_or(u64::MAX), total.unsigned_abs());
        let done = personal::reseal(app, tell).await?;
        sealed += done.sealed;
        closed = done.closed;
        if done.sealed == 0 {
            break;
        }
    }
    progress.end();
    Ok((sealed, closed))
}
