//! Hashes that a timeline entry stores over other rows and over personal texts.
//!
//! Facts (a state, a number, a time) are hashed directly. Texts are hashed with a random salt stored beside them:
//! text and salt can be erased, after which the hash reveals nothing, while the hash chain still proves what was
//! done, when and by whom.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Display;

/// Length of a salt in bytes.
pub const SALT_BYTES: usize = 16;

/// Hashes a sequence of fields unambiguously: each is prefixed with its length.
pub struct FieldHasher(Sha256);

impl FieldHasher {
    /// Starts a hash with the kind of record, so that different kinds never have the same hash.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self(Sha256::new()).text(kind)
    }

    /// Adds a text, prefixed with its length.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// Adds the `Display` form of a value.
    #[must_use]
    pub fn value(self, value: impl Display) -> Self {
        self.text(&value.to_string())
    }

    /// Adds an optional value; `None` differs from an empty text.
    #[must_use]
    pub fn optional(mut self, value: Option<impl Display>) -> Self {
        self.0.update([u8::from(value.is_some())]);
        match value {
            Some(value) => self.value(value),
            None => self,
        }
    }

    /// Returns the hash in unpadded URL-safe base64.
    #[must_use]
    pub fn finish(self) -> String {
        BASE64URL_NOPAD.encode(&self.0.finalize())
    }

    /// Returns the hash in lower-case hex.
    #[must_use]
    pub fn hex(self) -> String {
        HEXLOWER.encode(&self.0.finalize())
    }
}

/// Returns the hash of a text with its salt (base64).
#[must_use]
pub fn salted(salt: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(BASE64URL_NOPAD.decode(salt.as_bytes()).unwrap_or_default());
    hash.update(text.as_bytes());
    BASE64URL_NOPAD.encode(&hash.finalize())
}

/// Hashes by name, as a timeline entry stores them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordDigests {
    facts: BTreeMap<String, String>,
    texts: BTreeMap<String, String>,
    salts: BTreeMap<String, String>,
}

impl RecordDigests {
    /// Adds the hash of a row.
    pub fn fact(&mut self, name: impl Into<String>, hash: String) {
        self.facts.insert(name.into(), hash);
    }

    /// Adds the salted hash of a text.
    pub fn text(&mut self, name: impl Into<String>, salt: [u8; SALT_BYTES], text: &str) {
        let (name, salt) = (name.into(), BASE64URL_NOPAD.encode(&salt));
        self.texts.insert(name.clone(), salted(&salt, text));
        self.salts.insert(name, salt);
    }

    /// Returns facts, texts and salts in stored form.
    #[must_use]
    pub fn stored(&self) -> (String, String, String) {
        (stored(&self.facts), stored(&self.texts), stored(&self.salts))
    }
}

/// Returns a map in stored form: JSON.
#[must_use]
pub fn stored(by_name: &BTreeMap<String, String>) -> String {
    // Serialising a map of strings cannot fail.
    serde_json::to_string(by_name).unwrap_or_default()
}
