//! Settings of Zalo: the Official Account and its secrets, all or none, and their validation.

use super::check::is_web;
use super::{Config, ConfigError, ConfigFaults, Secret};
use std::collections::BTreeMap;

/// Complete Zalo settings.
#[derive(Debug, Clone)]
pub struct ZaloSettings {
    /// Id of our application.
    pub app_id: String,
    /// Secret of the application.
    pub app_secret: Secret,
    /// Secret that signs the webhook.
    pub oa_secret: Secret,
    /// Id of the Official Account.
    pub oa_id: String,
    /// ZNS template ids by our template names.
    pub templates: BTreeMap<String, String>,
}

impl Config {
    /// Returns the Zalo settings; `None` without `zalo_app_id`.
    ///
    /// # Errors
    /// When another required setting is missing, or a template is not written as `name=number`.
    pub fn zalo(&self) -> Result<Option<ZaloSettings>, ConfigError> {
        let mut faults = ConfigFaults::default();
        let found = self.find_zalo(&mut faults);
        faults.finish(found)
    }

    fn find_zalo(&self, faults: &mut ConfigFaults) -> Option<ZaloSettings> {
        let app_id = self.zalo_app_id.clone()?;
        let mut templates = BTreeMap::new();
        for text in &self.zalo_zns_templates {
            match text.split_once('=').map(|(name, template)| (name.trim(), template.trim())) {
                Some((name, template)) if !name.is_empty() && !template.is_empty() => {
                    templates.insert(name.to_owned(), template.to_owned());
                }
                _ => faults.unusable("zalo_zns_templates", "must be written as answered=12345"),
            }
        }
        let needed = [
            ("zalo_app_secret", self.zalo_app_secret.is_some()),
            ("zalo_oa_secret", self.zalo_oa_secret.is_some()),
            ("zalo_oa_id", self.zalo_oa_id.is_some()),
        ];
        needed.iter().filter(|(_, is_set)| !is_set).for_each(|(key, _)| faults.unusable(key, "is needed with zalo_app_id"));
        Some(ZaloSettings {
            app_id,
            app_secret: self.zalo_app_secret.clone()?,
            oa_secret: self.zalo_oa_secret.clone()?,
            oa_id: self.zalo_oa_id.clone()?,
            templates,
        })
    }

    pub(super) fn check_zalo(&self, faults: &mut ConfigFaults) {
        let urls = [
            ("zalo_oauth_url", &self.zalo_oauth_url),
            ("zalo_api_url", &self.zalo_api_url),
            ("zalo_zns_url", &self.zalo_zns_url),
            ("zalo_graph_url", &self.zalo_graph_url),
        ];
        for (key, _) in urls.iter().filter(|(_, url)| !is_web(url)) {
            faults.unusable(key, "must be an address that begins with https:// or http://");
        }
        if self.zalo_timeout_ms == 0 {
            faults.unusable("zalo_timeout_ms", "must be at least 1");
        }
        if self.zalo_conversation_minutes == 0 {
            faults.unusable("zalo_conversation_minutes", "must be at least 1");
        }
        self.find_zalo(faults);
    }
}
