//! What the settings say of the gateway for text messages: all of it or nothing.

use super::{Config, ConfigError};

impl Config {
    pub(super) fn check_sms(&self) -> Result<(), ConfigError> {
        let Some(url) = &self.sms_url else {
            let alone = [("sms_token", self.sms_token.is_some()), ("sms_from", self.sms_from.is_some())];
            return match alone.iter().find(|(_, is_set)| *is_set) {
                Some((key, _)) => Err(ConfigError::unusable(key, "is of no use without sms_url")),
                None => Ok(()),
            };
        };
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(ConfigError::unusable("sms_url", "must be an address that begins with https:// or http://"));
        }
        if self.sms_from.as_deref().is_none_or(|from| from.trim().is_empty()) {
            return Err(ConfigError::unusable("sms_from", "is needed with sms_url"));
        }
        Ok(())
    }
}
