//! The settings as they can be shown: every secret hidden.

use super::{Config, Secret};

impl Config {
    /// The effective settings as a file that could be given to `--config`, with every secret hidden.
    #[must_use]
    pub fn describe(&self) -> String {
        let shown = Self {
            database_url: self.address().ok().map(|url| Secret::new(url.without_password())),
            token_key: hidden(self.token_key.as_ref()),
            earlier_token_keys: self.earlier_token_keys.iter().filter_map(|key| hidden(Some(key))).collect(),
            personal_keys: self.personal_keys.iter().filter_map(|key| hidden(Some(key))).collect(),
            smtp_url: hidden(self.smtp_url.as_ref()),
            link_key: hidden(self.link_key.as_ref()),
            s3_access_key: hidden(self.s3_access_key.as_ref()),
            s3_secret_key: hidden(self.s3_secret_key.as_ref()),
            exchange_key: hidden(self.exchange_key.as_ref()),
            audit_key: hidden(self.audit_key.as_ref()),
            sms_token: hidden(self.sms_token.as_ref()),
            zalo_app_secret: hidden(self.zalo_app_secret.as_ref()),
            zalo_oa_secret: hidden(self.zalo_oa_secret.as_ref()),
            zalo_refresh_token: hidden(self.zalo_refresh_token.as_ref()),
            ..self.clone()
        };
        let providers = self.oidc.table(true).ok().and_then(|table| toml::to_string(&table).ok());
        toml::to_string(&shown).unwrap_or_default() + &providers.unwrap_or_default()
    }
}

pub(super) fn hidden(secret: Option<&Secret>) -> Option<Secret> {
    secret.map(|_| Secret::new("(hidden)".to_owned()))
}
