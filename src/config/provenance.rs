//! Tracks where each setting comes from, and prints all settings as an annotated file.

use super::{Config, OidcConfig};
use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Visitor};
use std::collections::BTreeMap;
use toml::Value;

/// Source of each setting by key; a key that is missing has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingProvenance(BTreeMap<String, String>);

impl SettingProvenance {
    /// Records the source of a setting, replacing an earlier one.
    pub(super) fn note(&mut self, key: &str, source: &str) {
        self.0.insert(key.to_owned(), source.to_owned());
    }

    /// Returns the source of a setting; `None` for a default.
    pub(super) fn source(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Appends the sources to the lines of a file, and lists the unset settings below.
    pub(super) fn annotate(&self, file: &str) -> String {
        let mut text = String::new();
        let mut shown = Vec::new();
        for line in file.lines() {
            let key = line.split_once(" = ").map_or("", |(key, _)| key);
            let is_whole = is_known(key) && !line.ends_with("\"\"\"");
            shown.push(key);
            text.push_str(&if is_whole {
                format!("{line} # {}\n", self.source(key).unwrap_or("default"))
            } else {
                format!("{line}\n")
            });
        }
        for key in keys().iter().filter(|key| !shown.contains(&key.as_str())) {
            text.push_str(&format!("# {key} = # unset\n"));
        }
        text
    }
}

impl Config {
    /// Returns all settings, including unset ones, with their sources, as a file that `--config` accepts.
    /// Secrets are hidden everywhere, because they do not serialise.
    #[must_use]
    pub fn describe(&self) -> String {
        let own = toml::to_string(&Self { database_url: None, ..self.clone() }).unwrap_or_default();
        let providers = self.oidc.table().ok().and_then(|table| toml::to_string(&table).ok()).unwrap_or_default();
        // Of this secret only the password is hidden.
        let url = self.address().map(|url| Value::String(url.without_password()));
        let database = url.map_or_else(|_| String::new(), |url| format!("database_url = {url}\n"));
        self.origins.annotate(&format!("{database}{own}{providers}"))
    }
}

/// Returns every known key, in the order of the structs.
pub(super) fn keys() -> Vec<String> {
    let own = fields::<Config>().iter().map(|key| (*key).to_owned());
    own.chain(OidcConfig::keys()).collect()
}

fn is_known(key: &str) -> bool {
    keys().iter().any(|known| known == key)
}

/// Returns the field names of a struct, as its derived `Deserialize` asks for them.
pub(super) fn fields<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut asked = FieldNames(&[]);
    // Only the field names are captured; nothing is deserialised.
    let _ = T::deserialize(&mut asked);
    asked.0
}

struct FieldNames(&'static [&'static str]);

impl<'de> Deserializer<'de> for &mut FieldNames {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("not a structure"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0 = fields;
        Err(serde::de::Error::custom("only asked"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}
