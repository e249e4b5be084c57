//! What the settings say of Zalo: the account and the secrets together, and whether they can be used.

use super::{Config, ConfigError, Secret};
use std::collections::BTreeMap;

/// Everything that Zalo needs, present or not at all.
#[derive(Debug, Clone)]
pub struct ZaloSettings {
    /// Number of our application.
    pub app_id: String,
    /// Its secret.
    pub app_secret: Secret,
    /// With what the webhook is signed.
    pub oa_secret: Secret,
    /// Number of the Official Account.
    pub oa_id: String,
    /// Templates of notices by the names of our own.
    pub templates: BTreeMap<String, String>,
}

impl Config {
    /// What is set up of Zalo; none without `zalo_app_id`.
    ///
    /// # Errors
    /// A setting that is missing beside `zalo_app_id`, or a template that is not written as `name=number`.
    pub fn zalo(&self) -> Result<Option<ZaloSettings>, ConfigError> {
        let Some(app_id) = &self.zalo_app_id else { return Ok(None) };
        let missing = |key: &'static str| move || ConfigError::unusable(key, "is needed with zalo_app_id");
        let mut templates = BTreeMap::new();
        for text in &self.zalo_zns_templates {
            let wrong = || ConfigError::unusable("zalo_zns_templates", "must be written as answered=12345");
            let (name, template) = text.split_once('=').ok_or_else(wrong)?;
            if name.trim().is_empty() || template.trim().is_empty() {
                return Err(wrong());
            }
            templates.insert(name.trim().to_owned(), template.trim().to_owned());
        }
        Ok(Some(ZaloSettings {
            app_id: app_id.clone(),
            app_secret: self.zalo_app_secret.clone().ok_or_else(missing("zalo_app_secret"))?,
            oa_secret: self.zalo_oa_secret.clone().ok_or_else(missing("zalo_oa_secret"))?,
            oa_id: self.zalo_oa_id.clone().ok_or_else(missing("zalo_oa_id"))?,
            templates,
        }))
    }

    pub(super) fn check_zalo(&self) -> Result<(), ConfigError> {
        let urls = [
            ("zalo_oauth_url", &self.zalo_oauth_url),
            ("zalo_api_url", &self.zalo_api_url),
            ("zalo_zns_url", &self.zalo_zns_url),
            ("zalo_graph_url", &self.zalo_graph_url),
        ];
        if let Some((key, _)) = urls.iter().find(|(_, url)| !url.starts_with("https://") && !url.starts_with("http://")) {
            return Err(ConfigError::unusable(key, "must be an address that begins with https:// or http://"));
        }
        if self.zalo_timeout_ms == 0 || self.zalo_conversation_minutes == 0 {
            let key = if self.zalo_timeout_ms == 0 { "zalo_timeout_ms" } else { "zalo_conversation_minutes" };
            return Err(ConfigError::unusable(key, "must be at least 1"));
        }
        self.zalo().map(drop)
    }
}
