//! `pakn adopt-keys`: continues after the access token key or the audit key was lost for good.
//!
//! A database remembers the fingerprints of its keys, and a start with other keys is refused. With this command
//! the operator confirms that the new keys are intended. Rule: never for the personal data keys, because
//! nothing else can decrypt that data.

use crate::audit::{self, AuditActor, AuditEvent};
use crate::config::Config;
use crate::db::service_error::ServiceError;
use crate::ops::installation::{KeyCheckScope, KeyPurpose, available_keys};

/// Takes the keys of access tokens and of the audit record that are at hand, or makes new ones where there are none.
#[derive(Debug, clap::Args)]
pub(super) struct AdoptKeys {}

impl AdoptKeys {
    /// Adopts the keys and prints the consequences.
    pub async fn run(self, config: Config) -> anyhow::Result<()> {
        super::must_exist(&config)?;
        let app = super::open_with(config, KeyCheckScope::PersonalDataOnly).await?;
        let keys = available_keys(&app.config)?;
        let event = keys
            .iter()
            .filter(|key| KeyPurpose::KEPT.contains(&key.purpose))
            .fold(AuditEvent::new("adopt_keys", "database", "keys"), |event, key| {
                event.with(key.purpose.as_str(), key.present().unwrap_or_default())
            });
        let written =
            audit::transaction(&app, &AuditActor::operator(), move |_| Ok::<_, ServiceError>(((), event.clone()))).await;
        app.close().await;
        written?;
        outln!("The keys at hand are those of the database from now on.");
        outln!("Access tokens that another key has signed are refused, and links in messages that it has sealed.");
        outln!(
            "Heads of the audit record that another key has signed are good when PAKN_AUDIT_PUBLIC_KEYS names its public key."
        );
        Ok(())
    }
}
