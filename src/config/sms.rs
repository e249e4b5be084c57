//! Validation of the SMS gateway settings: either all or none.

use super::check::is_web;
use super::{Config, ConfigFaults};

impl Config {
    pub(super) fn check_sms(&self, faults: &mut ConfigFaults) {
        let Some(url) = &self.sms_url else {
            let alone = [("sms_token", self.sms_token.is_some()), ("sms_from", self.sms_from.is_some())];
            for (key, _) in alone.iter().filter(|(_, is_set)| *is_set) {
                faults.unusable(key, "is of no use without sms_url");
            }
            return;
        };
        if !is_web(url) {
            faults.unusable("sms_url", "must be an address that begins with https:// or http://");
        }
        if self.sms_from.as_deref().is_none_or(|from| from.trim().is_empty()) {
            faults.unusable("sms_from", "is needed with sms_url");
        }
    }
}
