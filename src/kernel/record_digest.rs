//! Imprints: hashes by which the entry of a timeline covers what the step left behind in other rows, and the texts of people.
//!
//! A fact (a state, a number, a time) is hashed as it is. A text is hashed behind a random salt that is stored beside it: text and
//! salt can go, and what stays tells nothing about them, while the chain proves as before what was done, when and by whom.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Display;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// A hash over fields that cannot run into one another.
pub struct FieldHasher(Sha256);

impl FieldHasher {
    /// Begins with what is hashed, so that no two kinds of things have the same hash.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self(Sha256::new()).text(kind)
    }

    /// A text with its length before it.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// A value as it is written.
    #[must_use]
    pub fn value(self, value: impl Display) -> Self {
        self.text(&value.to_string())
    }

    /// A value that may not be there, which is not the same as an empty text.
    #[must_use]
    pub fn optional(mut self, value: Option<impl Display>) -> Self {
        self.0.update([u8::from(value.is_some())]);
        match value {
            Some(value) => self.value(value),
            None => self,
        }
    }

    /// The hash in base64, without padding.
    #[must_use]
    pub fn finish(self) -> String {
        BASE64URL_NOPAD.encode(&self.0.finalize())
    }

    /// The hash in lower-case hex.
    #[must_use]
    pub fn hex(self) -> String {
        HEXLOWER.encode(&self.0.finalize())
    }
}

/// The hash of a text behind its salt.
#[must_use]
pub fn salted(salt: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(BASE64URL_NOPAD.decode(salt.as_bytes()).unwrap_or_default());
    hash.update(text.as_bytes());
    BASE64URL_NOPAD.encode(&hash.finalize())
}

/// Imprints by name, as an entry stores them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordDigests {
    facts: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
    salts: BTreeMap<String, String>,
}

impl RecordDigests {
    /// Covers a row by its hash.
    pub fn fact(&mut self, name: impl Into<String>, hash: String) {
        self.facts.insert(name.into(), hash);
    }

    /// Covers a text behind a salt.
    pub fn text(&mut self, name: impl Into<String>, salt: [u8; SALT_BYTES], text: &str) {
        let (name, salt) = (name.into(), BASE64URL_NOPAD.encode(&salt));
        self.texts.insert(name.clone(), salted(&salt, text));
        self.salts.insert(name, salt);
    }

    /// Facts, texts and salts as they are stored.
    #[must_use]
    pub fn stored(&self) -> (String, String, String) {
        (stored(&self.facts), stored(&self.texts), stored(&self.salts))
    }
}

/// Values by name as they are stored.
#[must_use]
pub fn stored(by_name: &BTreeMap<String, String>) -> String {
    // A map of texts can always be written.
    serde_json::to_string(by_name).unwrap_or_default()
}
