//! Whether settings go together: the first that cannot be used is named.

use super::Config;
use super::ConfigError;
use super::Secret;
use crate::integrations::edoc::rules::edxml::organ_id::OrganId;

/// The fewest characters of a key that is given as a setting.
pub(super) const SHORTEST_KEY: usize = 32;

impl Config {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let at_least_one = [
            ("database_queue", self.database_queue),
            ("http_workers", self.http_workers),
            ("http_connections", self.http_connections),
            ("max_body_bytes", self.max_body_bytes),
            ("body_seconds", usize::try_from(self.body_seconds).unwrap_or(usize::MAX)),
            ("import_max_bytes", self.import_max_bytes),
            ("exchange_max_bytes", self.exchange_max_bytes),
        ];
        if let Some((key, _)) = at_least_one.iter().find(|(_, value)| *value == 0) {
            return Err(ConfigError::unusable(key, "must be at least 1"));
        }
        let short = |key: &Secret| key.reveal().len() < SHORTEST_KEY;
        if self.token_key.as_ref().is_some_and(short) {
            return Err(ConfigError::unusable("token_key", "needs at least 32 characters"));
        }
        if self.earlier_token_keys.iter().any(short) {
            return Err(ConfigError::unusable("earlier_token_keys", "each needs at least 32 characters"));
        }
        self.check_database()?;
        self.check_personal_keys()?;
        if self.second_factor_roles.iter().any(|role| role.is_petitioner()) {
            return Err(ConfigError::unusable("second_factor_roles", "are roles of officers"));
        }
        self.check_listeners()?;
        self.check_attachments()?;
        self.check_zalo()?;
        self.check_sms()?;
        self.oidc.check()?;
        if OrganId::check(&self.exchange_organ_id).is_err() {
            return Err(ConfigError::unusable("exchange_organ_id", "must be an identifier such as H05 or H05.14"));
        }
        let is_web = |address: &&String| address.starts_with("https://") || address.starts_with("http://");
        if self.audit_anchor_url.as_ref().is_some_and(|url| !is_web(&&url.reveal().to_owned())) {
            return Err(ConfigError::unusable("audit_anchor_url", "must be an address that begins with https:// or http://"));
        }
        if !self.exchange_gateways.iter().all(|address| is_web(&address)) {
            return Err(ConfigError::unusable("exchange_gateways", "must be addresses that begin with https:// or http://"));
        }
        if !self.exchange_gateways.is_empty() && self.exchange_key.is_none() {
            return Err(ConfigError::unusable("exchange_key", "is needed for calls of exchange_gateways"));
        }
        Ok(())
    }
}
