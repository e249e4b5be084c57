//! Collects all configuration errors, not only the first.

use super::{ConfigError, SettingProvenance};

/// All errors, in the order in which they were found.
#[derive(Debug, Default)]
pub struct ConfigFaults {
    found: Vec<ConfigError>,
    /// Settings whose values could not be read and which therefore have their defaults.
    unread: Vec<String>,
}

impl ConfigFaults {
    /// Adds an error found while checking the settings. Skips duplicates, and errors that may only result from
    /// a value that could not be read.
    pub fn add(&mut self, error: ConfigError) {
        if let ConfigError::Unusable { key, why } = &error {
            let mut words = why.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
            let is_unread = |setting: &str| self.unread.iter().any(|unread| unread == setting);
            if is_unread(setting_of(key)) || words.any(is_unread) {
                return;
            }
        }
        let said = error.to_string();
        if !self.found.iter().any(|known| known.to_string() == said) {
            self.found.push(error);
        }
    }

    /// Adds an invalid value.
    pub(super) fn unusable(&mut self, key: &str, why: &str) {
        self.add(ConfigError::unusable(key, why));
    }

    /// Adds an error found while reading a source.
    pub(super) fn of_source(&mut self, error: ConfigError) {
        self.found.push(error);
    }

    /// Adds a value that could not be read.
    pub(super) fn of_value(&mut self, setting: &str, error: ConfigError) {
        self.unread.push(setting.to_owned());
        self.found.push(error);
    }

    /// Returns whether there are no errors.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns whether every source could be read, so that more than the variables can be judged.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.found.iter().all(|error| matches!(error, ConfigError::Unusable { .. }))
    }

    /// Returns the value if there are no errors.
    ///
    /// # Errors
    /// The first error.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        self.found.into_iter().next().map_or(Ok(value), Err)
    }

    /// Formats each error as one line, with the source of the setting.
    #[must_use]
    pub fn lines(&self, origins: &SettingProvenance) -> Vec<String> {
        let line = |error: &ConfigError| match error {
            ConfigError::Unusable { key, .. } if is_variable(key) => one_line(&error.to_string()),
            ConfigError::Unusable { key, .. } => {
                let source = origins.source(setting_of(key)).unwrap_or("not set");
                format!("{} ({source})", one_line(&error.to_string()))
            }
            // The parser's own message quotes the line, which may hold a password.
            ConfigError::Malformed { file, cause } => {
                let place = cause.to_string().lines().next().unwrap_or_default().to_owned();
                format!("the settings file {} is malformed: {place}: {}", file.display(), one_line(cause.message()))
            }
            ConfigError::File { .. } => one_line(&error.to_string()),
        };
        self.found.iter().map(line).collect()
    }
}

/// An environment variable names its own source.
fn is_variable(key: &str) -> bool {
    key.starts_with(super::sources::PREFIX)
}

/// Returns the setting of a path, such as `trusted_proxies` of `trusted_proxies[0]`.
pub(super) fn setting_of(place: &str) -> &str {
    place.split(['[', '.']).next().unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_an_unread_value_is_not_said() {
        let mut faults = ConfigFaults::default();
        faults.of_value("sms_url", ConfigError::unusable("sms_url", "invalid type"));
        faults.unusable("sms_from", "is of no use without sms_url");
        faults.unusable("sms_url", "is needed");
        faults.unusable("listen", "must have a port");
        faults.unusable("listen", "must have a port");
        let origins = SettingProvenance::default();
        assert_eq!(
            faults.lines(&origins),
            ["setting sms_url: invalid type (not set)", "setting listen: must have a port (not set)"]
        );
        assert!(faults.is_whole() && !faults.is_empty());
        assert_eq!(faults.finish(()).unwrap_err().to_string(), "setting sms_url: invalid type");
    }
}
