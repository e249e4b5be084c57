//! Whether what the settings say about the doors of the server can be used.

use super::{Config, ConfigError};

/// More zero bits would keep an honest telephone busy for minutes.
const MOST_CHALLENGE_BITS: u32 = 26;

impl Config {
    pub(super) fn check_listeners(&self) -> Result<(), ConfigError> {
        if self.tls_certificate_file.is_some() != self.tls_key_file.is_some() {
            return Err(ConfigError::unusable("tls_key_file", "is needed with tls_certificate_file, and the other way round"));
        }
        if self.event_heartbeat_seconds == 0 {
            return Err(ConfigError::unusable("event_heartbeat_seconds", "must be at least 1"));
        }
        if self.guest_challenge_bits > MOST_CHALLENGE_BITS {
            return Err(ConfigError::unusable("guest_challenge_bits", "must be at most 26"));
        }
        let is_origin = |origin: &&String| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            origin.as_str() == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
        };
        if !self.cors_origins.iter().all(|origin| is_origin(&origin)) {
            return Err(ConfigError::unusable(
                "cors_origins",
                "must be origins such as https://pakn.bacninh.gov.vn, without a path",
            ));
        }
        let is_contact = |contact: &String| ["mailto:", "https://", "tel:"].iter().any(|kind| contact.starts_with(kind));
        if !self.security_contact.iter().all(is_contact) {
            return Err(ConfigError::unusable("security_contact", "must begin with mailto:, https:// or tel:"));
        }
        Ok(())
    }
}
