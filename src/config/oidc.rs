//! Settings of the OpenID Connect providers: one for petitioners, one for officers, both optional, with the
//! same keys behind `oidc_citizen_` and `oidc_officer_`.
//!
//! Turns the settings into one [`OidcSettings`] per configured provider. Rule: a provider is trusted over HTTPS
//! only, except on this machine or when `plain_http` is set.

use super::Secret;
use super::sources::read_values;
use super::{ConfigError, ConfigFaults};
use crate::integrations::oidc::rules::{ClaimMap, OidcRealm};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// Prefix of the keys of each provider.
const PREFIXES: &[(OidcRealm, &str)] = &[(OidcRealm::Citizen, "oidc_citizen_"), (OidcRealm::Officer, "oidc_officer_")];

/// Provider keys without a default.
const WITHOUT_DEFAULT: &[&str] = &["issuer", "client_id", "client_secret"];

/// What can be set of one provider; the sentence of a field is its documentation for operators.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderConfig {
    /// The provider's address, exactly as it names itself; without it nobody signs in there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Our name at the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Our secret at the provider; without it we are a public client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    /// Where the provider may send people back to: pages or addresses of applications, exactly as they are asked for; the first one is
    /// the default.
    pub redirect_uris: Vec<String>,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// How sure the provider has to be of a person, as `LoA1`.
    pub acr_values: Vec<String>,
    /// Whether a token that names none of `acr_values` is refused.
    pub require_acr: bool,
    /// How the provider names what we take, as `full_name=HoVaTen`; ours are `full_name`, `personal_id`, `birth_date`, `account_type`.
    pub claims: Vec<String>,
    /// The values of `account_type` that are persons.
    pub person_types: Vec<String>,
    /// Whether the provider is also asked for claims at its userinfo endpoint.
    pub userinfo: bool,
    /// Whether the provider may be reached without TLS on another machine.
    pub plain_http: bool,
    /// How long the provider may take for an answer, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            issuer: None,
            client_id: None,
            client_secret: None,
            redirect_uris: Vec::new(),
            scopes: vec!["profile".to_owned()],
            acr_values: Vec::new(),
            require_acr: false,
            claims: vec!["full_name=name".to_owned()],
            person_types: vec!["1".to_owned()],
            userinfo: false,
            plain_http: false,
            timeout_ms: 10_000,
        }
    }
}

/// The settings of both providers.
#[derive(Debug, Clone, Default)]
pub struct OidcConfig {
    /// Provider for citizens and businesses.
    pub citizen: ProviderConfig,
    /// Provider for officers.
    pub officer: ProviderConfig,
}

/// A configured provider.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    pub realm: OidcRealm,
    /// Issuer URL.
    pub issuer: String,
    /// Our client id at the provider.
    pub client_id: String,
    /// Our client secret; a public client has none.
    pub client_secret: Option<Secret>,
    /// Names of the claims that we use.
    pub claims: ClaimMap,
    /// All other settings.
    pub more: ProviderConfig,
}

impl OidcConfig {
    fn of(&self, realm: OidcRealm) -> &ProviderConfig {
        match realm {
            OidcRealm::Citizen => &self.citizen,
            OidcRealm::Officer => &self.officer,
        }
    }

    /// Returns the keys with their values.
    pub(super) fn table(&self) -> Result<Table, toml::ser::Error> {
        let mut table = Table::new();
        for (realm, prefix) in PREFIXES {
            table.extend(Table::try_from(self.of(*realm))?.into_iter().map(|(key, value)| (format!("{prefix}{key}"), value)));
        }
        Ok(table)
    }

    /// Returns every key of both providers.
    pub(super) fn keys() -> Vec<String> {
        let fields = super::provenance::fields::<ProviderConfig>();
        PREFIXES.iter().flat_map(|(_, prefix)| fields.iter().map(move |field| format!("{prefix}{field}"))).collect()
    }

    /// Returns whether a key is a provider key without a default.
    pub(super) fn is_without_default(key: &str) -> bool {
        let name = PREFIXES.iter().find_map(|(_, prefix)| key.strip_prefix(prefix));
        name.is_some_and(|name| WITHOUT_DEFAULT.contains(&name))
    }

    /// Removes the provider keys from a table of settings and parses them.
    pub(super) fn take(settings: &mut Table, faults: &mut ConfigFaults) -> Self {
        let mut found = Self::default();
        for (realm, prefix) in PREFIXES {
            let keys: Vec<String> = settings.keys().filter(|key| key.starts_with(prefix)).cloned().collect();
            let own: Table = keys
                .iter()
                .filter_map(|key| Some((key.strip_prefix(prefix)?.to_owned(), settings.remove(key)?)))
                .collect::<toml::map::Map<String, Value>>();
            let provider = read_values(own, prefix, faults);
            match realm {
                OidcRealm::Citizen => found.citizen = provider,
                OidcRealm::Officer => found.officer = provider,
            }
        }
        found
    }

    pub(super) fn check(&self, faults: &mut ConfigFaults) {
        for (realm, _) in PREFIXES {
            self.find(*realm, faults);
        }
    }

    /// Returns the provider of a realm; `None` without an issuer.
    ///
    /// # Errors
    /// When another required setting is missing or a setting is invalid.
    pub fn provider(&self, realm: OidcRealm) -> Result<Option<OidcSettings>, ConfigError> {
        let mut faults = ConfigFaults::default();
        let found = self.find(realm, &mut faults);
        faults.finish(found)
    }

    fn find(&self, realm: OidcRealm, faults: &mut ConfigFaults) -> Option<OidcSettings> {
        let more = self.of(realm).clone();
        let issuer = more.issuer.clone()?;
        let mut wrong = |key: &str, why: &str| faults.unusable(&format!("oidc_{realm}_{key}"), why);
        if !is_safe(&issuer, more.plain_http) {
            wrong("issuer", "must be an address that begins with https://, or one of this machine");
        }
        if more.client_id.is_none() {
            wrong("client_id", "is needed with the issuer");
        }
        if more.redirect_uris.is_empty() {
            wrong("redirect_uris", "is needed with the issuer");
        }
        let is_bad = |uri: &&String| reqwest::Url::parse(uri).map_or(true, |url| url.fragment().is_some());
        for uri in more.redirect_uris.iter().filter(is_bad) {
            wrong("redirect_uris", &format!("{uri} is no address without a fragment"));
        }
        if more.timeout_ms == 0 {
            wrong("timeout_ms", "must be at least 1");
        }
        let claims = ClaimMap::parse(&more.claims, &more.person_types)
            .map_err(|line| wrong("claims", &format!("{line} must be written as full_name=name")));
        let (client_id, client_secret) = (more.client_id.clone()?, more.client_secret.clone());
        Some(OidcSettings { realm, issuer, client_id, client_secret, claims: claims.ok()?, more })
    }
}

impl OidcSettings {
    /// Returns whether an address of the provider may be called.
    #[must_use]
    pub fn may_call(&self, address: &str) -> bool {
        is_safe(address, self.more.plain_http)
    }
}

/// Returns whether requests to an address cannot be read in transit, or the operator accepts that.
fn is_safe(address: &str, plain_http: bool) -> bool {
    let Ok(url) = reqwest::Url::parse(address) else { return false };
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    match url.scheme() {
        "https" => true,
        "http" => plain_http || is_here,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sources::merge;
    use crate::config::{Overrides, SettingProvenance};

    fn with(pairs: &[(&str, &str)]) -> Result<OidcConfig, ConfigError> {
        let variables: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut faults = ConfigFaults::default();
        let oidc = merge(Overrides::default(), variables.into_iter(), &mut faults).oidc;
        oidc.check(&mut faults);
        faults.finish(oidc)
    }

    const VNEID: &[(&str, &str)] = &[
        ("PAKN_OIDC_CITIZEN_ISSUER", "https://xacthuc.example.vn/oauth2/token"),
        ("PAKN_OIDC_CITIZEN_CLIENT_ID", "pakn"),
        ("PAKN_OIDC_CITIZEN_CLIENT_SECRET", "geheim"),
        ("PAKN_OIDC_CITIZEN_REDIRECT_URIS", "https://pakn.example.vn/vneid, vn.gov.bacninh.pakn:/vneid"),
        ("PAKN_OIDC_CITIZEN_CLAIMS", "full_name=HoVaTen,personal_id=SoDinhDanh,account_type=LoaiTaiKhoan"),
        ("PAKN_OIDC_CITIZEN_USERINFO", "true"),
    ];

    #[test]
    fn each_provider_has_its_own_keys() {
        let config = with(VNEID).unwrap();
        let citizen = config.provider(OidcRealm::Citizen).unwrap().unwrap();
        assert_eq!((citizen.client_id.as_str(), citizen.more.redirect_uris.len(), citizen.more.userinfo), ("pakn", 2, true));
        assert!(config.provider(OidcRealm::Officer).unwrap().is_none());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let said = |name: &str, value: &str| {
            let changed: Vec<_> = VNEID.iter().filter(|(known, _)| *known != name).copied().chain([(name, value)]).collect();
            with(&changed).unwrap_err().to_string()
        };
        for address in ["http://xacthuc.example.vn", "ftp://127.0.0.1", "xacthuc", "http://127.0.0.1.example.vn"] {
            assert!(said("PAKN_OIDC_CITIZEN_ISSUER", address).starts_with("setting oidc_citizen_issuer: "), "{address}");
        }
        assert!(said("PAKN_OIDC_CITIZEN_CLAIMS", "HoVaTen").contains("oidc_citizen_claims: HoVaTen"));
        assert!(said("PAKN_OIDC_CITIZEN_REDIRECT_URIS", "here").contains("oidc_citizen_redirect_uris"));
        assert!(said("PAKN_OIDC_CITIZEN_TIMEOUT_MS", "0").contains("oidc_citizen_timeout_ms"));
        let missing = with(&[("PAKN_OIDC_OFFICER_ISSUER", "http://127.0.0.1:1")]).unwrap_err().to_string();
        assert_eq!(missing, "setting oidc_officer_client_id: is needed with the issuer");
        let mut file: Table = "oidc_officer_userinfo = \"yes\"\noidc_officer_client_id = 5".parse().unwrap();
        let mut faults = ConfigFaults::default();
        OidcConfig::take(&mut file, &mut faults);
        let lines = faults.lines(&SettingProvenance::default());
        for key in ["oidc_officer_userinfo", "oidc_officer_client_id"] {
            assert!(lines.iter().any(|line| line.starts_with(&format!("setting {key}: "))), "{lines:?}");
        }
    }

    #[test]
    fn the_secret_is_not_described() {
        let variables: Vec<_> = VNEID.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let text = merge(Overrides::default(), variables.into_iter(), &mut ConfigFaults::default()).describe();
        assert!(text.contains("oidc_citizen_client_secret = \"(hidden)\"") && !text.contains("geheim"), "{text}");
        assert!(text.contains("oidc_officer_scopes"), "{text}");
    }
}
