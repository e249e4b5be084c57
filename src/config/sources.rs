//! The sources of the settings and their precedence: command line, environment, file, default.
//!
//! Merges the file's text, the variables and the flags into one [`Config`]. Rule: a variable is the key in
//! capitals after `PAKN_`; lists are separated by commas.

use crate::config::faults::setting_of;
use crate::config::nearest::nearest;
use crate::config::{Config, ConfigFaults, OidcConfig, SettingProvenance};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Prefix of every variable.
pub(super) const PREFIX: &str = "PAKN_";

/// Prefixes of variables for tests and benchmarks of this program; no server reads them.
const NOT_SETTINGS: &[&str] = &["test_", "update_", "bench_", "schemathesis_"];

/// Variable that names the settings file, so it is no key of that file.
const FILE_VARIABLE: &str = "config";

/// Keys without a default, which are therefore missing in the table of defaults.
const WITHOUT_DEFAULT: &[&str] = &[
    "database_url",
    "token_key",
    "link_key",
    "audit_key",
    "audit_anchor_file",
    "audit_anchor_url",
    "attachments_url",
    "s3_endpoint",
    "s3_access_key",
    "s3_secret_key",
    "clamd_address",
    "public_url",
    "tls_certificate_file",
    "tls_key_file",
    "security_contact",
    "smtp_url",
    "smtp_ca_file",
    "mail_from",
    "mail_bounce_to",
    "templates_dir",
    "exchange_key",
    "sms_url",
    "sms_token",
    "sms_from",
    "zalo_app_id",
    "zalo_app_secret",
    "zalo_oa_secret",
    "zalo_oa_id",
    "zalo_refresh_token",
];

/// Settings from the command line; they override all other sources.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub file: Option<PathBuf>,
    /// Folder of the embedded database and of the generated secrets.
    pub data_dir: Option<PathBuf>,
    pub listen: Option<String>,
    /// Address of the admin listener (metrics and health checks).
    pub admin_listen: Option<String>,
}

/// An invalid setting or settings file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the settings file {}: {cause}", file.display())]
    File { file: PathBuf, cause: std::io::Error },
    /// The file is not valid TOML.
    #[error("the settings file {} is malformed: {cause}", file.display())]
    Malformed { file: PathBuf, cause: Box<toml::de::Error> },
    /// A key or variable is unknown or has an invalid value.
    #[error("setting {key}: {why}")]
    Unusable { key: String, why: String },
}

impl ConfigError {
    /// Creates the error for an invalid value.
    #[must_use]
    pub fn unusable(key: &str, why: &str) -> Self {
        Self::Unusable { key: key.to_owned(), why: why.to_owned() }
    }
}

/// Merges the sources. Reports what cannot be read and uses its default.
pub(super) fn merge(
    overrides: Overrides,
    variables: impl Iterator<Item = (String, String)>,
    faults: &mut ConfigFaults,
) -> Config {
    let defaults = match defaults() {
        Ok(defaults) => defaults,
        Err(error) => {
            faults.unusable("defaults", &error.to_string());
            return Config::default();
        }
    };
    let is_without_default = |key: &str| WITHOUT_DEFAULT.contains(&key) || OidcConfig::is_without_default(key);
    let mut settings = overrides.file.as_ref().map_or_else(Table::new, |file| read_file(file, faults));
    let mut origins = SettingProvenance::default();
    if let Some(file) = &overrides.file {
        settings.keys().for_each(|key| origins.note(key, &format!("from {}", file.display())));
    }
    for (name, text) in variables {
        let Some(key) = name.strip_prefix(PREFIX).map(str::to_ascii_lowercase) else { continue };
        if key == FILE_VARIABLE || NOT_SETTINGS.iter().any(|prefix| key.starts_with(prefix)) || is_of_cluster(&key, &text) {
            continue;
        }
        let value = match defaults.get(&key) {
            Some(default) => like(default, &text),
            None if is_without_default(&key) => Ok(Value::String(text)),
            None => {
                faults.of_source(unknown(&name, &key, |meant| format!("{PREFIX}{}", meant.to_ascii_uppercase())));
                continue;
            }
        };
        match value {
            Ok(value) => {
                origins.note(&key, &format!("from {name}"));
                settings.insert(key, value);
            }
            Err(why) => faults.of_value(&key, ConfigError::unusable(&name, why)),
        }
    }
    let flags = [
        ("data_dir", overrides.data_dir.map(|path| path.to_string_lossy().into_owned())),
        ("listen", overrides.listen),
        ("admin_listen", overrides.admin_listen),
    ];
    for (key, value) in flags {
        if let Some(value) = value {
            origins.note(key, "from the command line");
            settings.insert(key.to_owned(), Value::String(value));
        }
    }
    let is_known = |key: &str| defaults.contains_key(key) || is_without_default(key);
    let strange: Vec<String> = settings.keys().filter(|key| !is_known(key)).cloned().collect();
    for key in strange {
        settings.remove(&key);
        faults.of_source(unknown(&key, &key, str::to_owned));
    }
    let oidc = OidcConfig::take(&mut settings, faults);
    let config: Config = read_values(settings, "", faults);
    Config { oidc, origins, ..config }
}

/// Returns every setting that has a default.
fn defaults() -> Result<Table, toml::ser::Error> {
    let mut defaults = Table::try_from(Config::default())?;
    defaults.extend(OidcConfig::default().table()?);
    Ok(defaults)
}

/// Deserialises a struct whose keys start with a prefix. Reports each value of the wrong type and uses its
/// default.
pub(super) fn read_values<T: DeserializeOwned + Default>(mut table: Table, prefix: &str, faults: &mut ConfigFaults) -> T {
    loop {
        let error = match serde_path_to_error::deserialize(table.clone()) {
            Ok(read) => return read,
            Err(error) => error,
        };
        let place = error.path().to_string();
        let key = setting_of(&place);
        let named = ConfigError::unusable(&format!("{prefix}{place}"), error.into_inner().message());
        faults.of_value(&format!("{prefix}{key}"), named);
        // The deserializer stops at the first error; without that key it finds the next one.
        if table.remove(key).is_none() {
            return T::default();
        }
    }
}

/// Returns the variables of this process with our prefix. Reports one whose value is not valid Unicode; other
/// variables are ignored.
pub(super) fn variables(faults: &mut ConfigFaults) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, text) in std::env::vars_os().filter_map(|(name, text)| Some((name.into_string().ok()?, text))) {
        let Some(key) = name.strip_prefix(PREFIX).map(str::to_ascii_lowercase) else { continue };
        match text.into_string() {
            Ok(text) => found.push((name, text)),
            Err(_) => faults.of_value(&key, ConfigError::unusable(&name, "must be text in UTF-8")),
        }
    }
    found
}

/// Creates the error for an unknown name, with a suggestion.
fn unknown(name: &str, key: &str, written: impl Fn(&str) -> String) -> ConfigError {
    let keys = super::provenance::keys();
    let why = match nearest(key, keys.iter().map(String::as_str)) {
        Some(meant) => format!("there is no such setting; is {} meant?", written(meant)),
        None => "there is no such setting; `pakn config` shows all".to_owned(),
    };
    ConfigError::unusable(name, &why)
}

/// Kubernetes sets variables such as `PAKN_SERVICE_HOST` and `PAKN_PORT_8080_TCP` in every container for a
/// service of this name; they are not settings.
fn is_of_cluster(key: &str, text: &str) -> bool {
    let is_port = |rest: &str| rest.is_empty() || rest.chars().next().is_some_and(|letter| letter == '_');
    match key.strip_prefix("service_") {
        Some(rest) => rest == "host" || rest.strip_prefix("port").is_some_and(is_port),
        None if key == "port" => text.contains("://"),
        None => key.strip_prefix("port_").is_some_and(|rest| {
            rest.starts_with(|letter: char| letter.is_ascii_digit()) && (rest.contains("_tcp") || rest.contains("_udp"))
        }),
    }
}

fn read_file(file: &Path, faults: &mut ConfigFaults) -> Table {
    let text = std::fs::read_to_string(file).map_err(|cause| ConfigError::File { file: file.to_owned(), cause });
    let table = text.and_then(|text| {
        text.parse::<Table>().map_err(|cause| ConfigError::Malformed { file: file.to_owned(), cause: Box::new(cause) })
    });
    table.unwrap_or_else(|error| {
        faults.of_source(error);
        Table::new()
    })
}

/// Parses the text of a variable as a value of the type of the default.
fn like(default: &Value, text: &str) -> Result<Value, &'static str> {
    match default {
        Value::Integer(_) => text.trim().parse().map(Value::Integer).map_err(|_| "must be a whole number"),
        Value::Boolean(_) => text.trim().parse().map(Value::Boolean).map_err(|_| "must be true or false"),
        Value::Array(_) => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            Ok(Value::Array(words.map(|word| Value::String(word.to_owned())).collect()))
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::{ConfigError, ConfigFaults, Overrides, Table, WITHOUT_DEFAULT};
    use crate::config::Config;
    use crate::petitions::rules::PetitionKind;
    use std::io::Write;

    /// Returns the settings, or the first error.
    fn merge(overrides: Overrides, variables: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
        let mut faults = ConfigFaults::default();
        let config = super::merge(overrides, variables, &mut faults);
        faults.finish(config)
    }

    fn variables(pairs: &[(&str, &str)]) -> std::vec::IntoIter<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
    }

    fn with_file(text: &str, pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        merge(Overrides { file: Some(file.path().to_owned()), ..Overrides::default() }, variables(pairs))
    }

    #[test]
    fn the_later_source_wins() {
        let config = with_file("listen = \"1.1.1.1:1\"\nadmin_listen = \"1.1.1.1:2\"", &[("PAKN_LISTEN", "2.2.2.2:2")]).unwrap();
        assert_eq!((config.listen.as_str(), config.admin_listen.as_str()), ("2.2.2.2:2", "1.1.1.1:2"));
        let flags = Overrides { listen: Some("3.3.3.3:3".to_owned()), ..Overrides::default() };
        assert_eq!(merge(flags, variables(&[("PAKN_LISTEN", "2.2.2.2:2")])).unwrap().listen, "3.3.3.3:3");
    }

    #[test]
    fn variables_take_the_type_of_the_setting() {
        let set = [("PAKN_HTTP_WORKERS", "3"), ("PAKN_WORKER", "false"), ("PAKN_KINDS_REQUIRING_PHOTO", "field, procedure")];
        let config = merge(Overrides::default(), variables(&set)).unwrap();
        assert_eq!((config.http_workers, config.worker), (3, false));
        assert_eq!(config.kinds_requiring_photo, [PetitionKind::Field, PetitionKind::Procedure]);
    }

    #[test]
    fn errors_name_the_setting() {
        let said = |result: Result<Config, ConfigError>| result.unwrap_err().to_string();
        assert_eq!(said(with_file("lisen = \"x\"", &[])), "setting lisen: there is no such setting; is listen meant?");
        assert_eq!(
            said(merge(Overrides::default(), variables(&[("PAKN_RETENSION_YEARS", "5")]))),
            "setting PAKN_RETENSION_YEARS: there is no such setting; is PAKN_RETENTION_YEARS meant?"
        );
        let strange = said(merge(Overrides::default(), variables(&[("PAKN_COLOUR", "red")])));
        assert_eq!(strange, "setting PAKN_COLOUR: there is no such setting; `pakn config` shows all");
        assert!(said(with_file("worker = \"yes\"", &[])).starts_with("setting worker: invalid type"));
        assert!(said(with_file("no_reply_days = -1", &[])).starts_with("setting no_reply_days: "));
        assert!(said(with_file("listen = ", &[])).contains("is malformed"));
        assert_eq!(
            said(merge(Overrides::default(), variables(&[("PAKN_WORKER", "ja")]))),
            "setting PAKN_WORKER: must be true or false"
        );
    }

    #[test]
    fn what_tests_and_clusters_say_is_no_setting() {
        let set = [
            ("PAKN_TEST_BACKEND", "postgres"),
            ("PAKN_UPDATE_RIGHTS", "1"),
            ("PAKN_BENCH_PETITIONS", "5"),
            ("PAKN_SERVICE_HOST", "10.0.0.7"),
            ("PAKN_SERVICE_PORT", "8080"),
            ("PAKN_SERVICE_PORT_HTTP", "8080"),
            ("PAKN_PORT", "tcp://10.0.0.7:8080"),
            ("PAKN_PORT_8080_TCP", "tcp://10.0.0.7:8080"),
            ("PAKN_PORT_8080_TCP_ADDR", "10.0.0.7"),
            ("PAKNX", "1"),
        ];
        assert!(merge(Overrides::default(), variables(&set)).is_ok());
        for wrong in [("PAKN_PORT", "8080"), ("PAKN_SERVICE", "x"), ("PAKN_TESTS", "1"), ("PAKN_", "1")] {
            assert!(merge(Overrides::default(), variables(&[wrong])).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_setting_is_shown_with_where_it_comes_from() {
        let config =
            with_file("no_reply_days = 7", &[("PAKN_LISTEN", "2.2.2.2:2"), ("PAKN_OIDC_OFFICER_SCOPES", "a,b")]).unwrap();
        let text = config.describe();
        for line in [
            "listen = \"2.2.2.2:2\" # from PAKN_LISTEN",
            "admin_listen = \"127.0.0.1:9090\" # default",
            "# public_url = # unset",
            "# oidc_citizen_issuer = # unset",
            "oidc_officer_scopes = [\"a\", \"b\"] # from PAKN_OIDC_OFFICER_SCOPES",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        assert!(text.lines().any(|line| line.starts_with("no_reply_days = 7 # from /")), "{text}");
        for key in crate::config::provenance::keys() {
            let count = text.lines().filter(|line| line.trim_start_matches("# ").starts_with(&format!("{key} ="))).count();
            assert_eq!(count, 1, "{key}");
        }
        assert!(text.parse::<Table>().is_ok(), "it is a file of settings:\n{text}");
    }

    #[test]
    fn a_setting_has_a_default_or_is_listed_as_one_without() {
        let defaults = Table::try_from(Config::default()).unwrap();
        let fields = crate::config::provenance::fields::<Config>();
        assert!(fields.contains(&"data_dir") && fields.contains(&"zalo_conversation_minutes"));
        let without: std::collections::BTreeSet<&str> =
            fields.iter().copied().filter(|key| !defaults.contains_key(*key)).collect();
        assert_eq!(without, WITHOUT_DEFAULT.iter().copied().collect());
    }

    #[test]
    fn no_secret_is_described() {
        let set = [
            ("PAKN_DATABASE_URL", "postgres://pakn:geheim@db/pakn?sslpassword=geheim"),
            ("PAKN_TOKEN_KEY", "geheim-geheim-geheim-geheim-geheim"),
            ("PAKN_EXCHANGE_KEY", "geheim"),
            ("PAKN_SMS_TOKEN", "geheim"),
            ("PAKN_ZALO_APP_SECRET", "geheim"),
            ("PAKN_ZALO_OA_SECRET", "geheim"),
            ("PAKN_ZALO_REFRESH_TOKEN", "geheim"),
        ];
        let config = merge(Overrides::default(), variables(&set)).unwrap();
        let text = config.describe();
        assert!(text.contains("postgres://pakn@db/pakn"), "{text}");
        assert!(!text.contains("geheim") && !format!("{config:?}").contains("geheim"), "{text}");
    }
}
