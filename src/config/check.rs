//! Validation of the settings as a whole; reports every invalid one.

use super::Config;
use super::ConfigFaults;
use super::Secret;
use super::sources::{self, Overrides};
use crate::integrations::edoc::rules::edxml::organ_id::OrganId;

/// Minimum length in characters of a key given as a setting.
pub(super) const SHORTEST_KEY: usize = 32;

impl Config {
    /// Reads the settings of this process from all sources and returns all errors. A value that cannot be read
    /// has its default.
    #[must_use]
    pub fn examine(overrides: Overrides) -> (Self, ConfigFaults) {
        let mut faults = ConfigFaults::default();
        let variables = sources::variables(&mut faults);
        let config = sources::merge(overrides, variables.into_iter(), &mut faults);
        // Without the settings file, combinations cannot be judged.
        if faults.is_whole() {
            config.check(&mut faults);
        }
        (config, faults)
    }

    fn check(&self, faults: &mut ConfigFaults) {
        let at_least_one = [
            ("database_queue", self.database_queue),
            ("http_workers", self.http_workers),
            ("http_connections", self.http_connections),
            ("max_body_bytes", self.max_body_bytes),
            ("body_seconds", usize::try_from(self.body_seconds).unwrap_or(usize::MAX)),
            ("import_max_bytes", self.import_max_bytes),
            ("exchange_max_bytes", self.exchange_max_bytes),
        ];
        at_least_one.iter().filter(|(_, value)| *value == 0).for_each(|(key, _)| faults.unusable(key, "must be at least 1"));
        let short = |key: &Secret| key.reveal().len() < SHORTEST_KEY;
        if self.token_key.as_ref().is_some_and(short) {
            faults.unusable("token_key", "needs at least 32 characters");
        }
        if self.earlier_token_keys.iter().any(short) {
            faults.unusable("earlier_token_keys", "each needs at least 32 characters");
        }
        self.check_database(faults);
        self.check_personal_keys(faults);
        if self.second_factor_roles.iter().any(|role| role.is_petitioner()) {
            faults.unusable("second_factor_roles", "are roles of officers");
        }
        self.check_listeners(faults);
        self.check_attachments(faults);
        self.check_zalo(faults);
        self.check_sms(faults);
        self.oidc.check(faults);
        self.check_exchange(faults);
        let anchor = self.audit_anchor_url.as_ref().map(Secret::reveal);
        if anchor.is_some_and(|url| !is_web(url)) {
            faults.unusable("audit_anchor_url", "must be an address that begins with https:// or http://");
        }
    }

    fn check_exchange(&self, faults: &mut ConfigFaults) {
        if OrganId::check(&self.exchange_organ_id).is_err() {
            faults.unusable("exchange_organ_id", "must be an identifier such as H05 or H05.14");
        }
        if !self.exchange_gateways.iter().all(|address| is_web(address)) {
            faults.unusable("exchange_gateways", "must be addresses that begin with https:// or http://");
        }
        if !self.exchange_gateways.is_empty() && self.exchange_key.is_none() {
            faults.unusable("exchange_key", "is needed for calls of exchange_gateways");
        }
    }
}

/// Returns whether a text is an HTTP URL.
pub(super) fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}
