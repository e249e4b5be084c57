//! The available keys: where each comes from, its fingerprint, and whether others can read its file.
//!
//! Reads the settings and returns fingerprints; no key leaves this module. A fingerprint is a keyed hash of a
//! random key, or the hash of a public key; neither reveals the key.

use super::InstallationError;
use crate::app::{AUDIT_KEY_FILE, LINK_KEY_FILE, TOKEN_KEY_FILE};
use crate::audit::rules::head::SigningKey;
use crate::config::{Config, PERSONAL_KEYS_FILE, Secret};
use data_encoding::HEXLOWER;
use ring::hmac;
use sha2::{Digest, Sha256};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Length of a fingerprint in bytes.
const BYTES: usize = 16;

/// The purpose of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Signs access tokens and encrypts links in messages.
    AccessTokens,
    /// Encrypts personal data.
    PersonalData,
    /// Signs audit heads.
    Audit,
    /// Signs download links. These expire after `link_minutes` (an hour by default), so that a changed key does
    /// no harm and no database remembers it.
    Links,
}

impl KeyPurpose {
    /// Keys whose fingerprints the database remembers.
    pub const KEPT: [Self; 3] = [Self::PersonalData, Self::AccessTokens, Self::Audit];
    /// All keys.
    pub const ALL: [Self; 4] = [Self::PersonalData, Self::AccessTokens, Self::Audit, Self::Links];

    /// Returns the name used in the database and in manifests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessTokens => "access_tokens",
            Self::PersonalData => "personal_data",
            Self::Audit => "audit",
            Self::Links => "links",
        }
    }

    /// Returns the file name in the data folder.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::AccessTokens => TOKEN_KEY_FILE,
            Self::PersonalData => PERSONAL_KEYS_FILE,
            Self::Audit => AUDIT_KEY_FILE,
            Self::Links => LINK_KEY_FILE,
        }
    }

    /// Returns the environment variable that replaces the file.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::AccessTokens => "PAKN_TOKEN_KEY",
            Self::PersonalData => "PAKN_PERSONAL_KEYS",
            Self::Audit => "PAKN_AUDIT_KEY",
            Self::Links => "PAKN_LINK_KEY",
        }
    }

    /// Returns instructions for the case that the key is lost.
    pub(super) const fn way_out(self) -> &'static str {
        match self {
            Self::PersonalData => "without it nothing of the personal data can be read",
            Self::AccessTokens => {
                "when a new one was put in its place on purpose, name the former one in PAKN_EARLIER_TOKEN_KEYS; when it is lost for \
                 good, `pakn adopt-keys` takes the one at hand, or a new one"
            }
            Self::Audit => {
                "when a new one was put in its place on purpose, name the public key of the former one in PAKN_AUDIT_PUBLIC_KEYS; when \
                 it is lost for good, `pakn adopt-keys` takes the one at hand, or a new one"
            }
            Self::Links => "links to files end",
        }
    }
}

/// An available key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailableKey {
    pub purpose: KeyPurpose,
    /// The file or environment variable that holds it.
    pub place: String,
    /// Fingerprints: the current key first, then earlier keys; empty without a key.
    pub fingerprints: Vec<String>,
    /// Whether the key comes from an existing file.
    pub is_file: bool,
}

impl AvailableKey {
    /// Returns the fingerprint of the current key.
    #[must_use]
    pub fn present(&self) -> Option<&str> {
        self.fingerprints.first().map(String::as_str)
    }

    /// Returns whether a fingerprint belongs to one of the keys.
    #[must_use]
    pub fn has(&self, fingerprint: &str) -> bool {
        self.fingerprints.iter().any(|own| own == fingerprint)
    }
}

/// Returns the available keys. Never creates a missing one.
///
/// # Errors
/// [`InstallationError::Readable`] for a file that others can read, [`InstallationError::Unreadable`] for one
/// that cannot be read at all.
pub fn available_keys(config: &Config) -> Result<Vec<AvailableKey>, InstallationError> {
    KeyPurpose::ALL.into_iter().map(|purpose| one(config, purpose)).collect()
}

/// Returns the fingerprint of a public audit key.
#[must_use]
pub fn of_public_key(public_key: &str) -> String {
    HEXLOWER.encode(Sha256::digest(public_key.to_ascii_lowercase().as_bytes()).get(..BYTES).unwrap_or_default())
}

fn one(config: &Config, purpose: KeyPurpose) -> Result<AvailableKey, InstallationError> {
    let given: Vec<Secret> = match purpose {
        KeyPurpose::AccessTokens => config.token_key.iter().cloned().collect(),
        KeyPurpose::PersonalData => config.personal_keys.clone(),
        KeyPurpose::Audit => config.audit_key.iter().cloned().collect(),
        KeyPurpose::Links => config.link_key.iter().cloned().collect(),
    };
    let file = config.data_dir.join(purpose.file());
    let (keys, place, is_file) = match given.is_empty() {
        false => (given.iter().map(|key| key.reveal().to_owned()).collect(), purpose.variable().to_owned(), false),
        true => {
            let lines = lines(&file)?;
            let is_there = lines.is_some();
            (lines.unwrap_or_default(), file.display().to_string(), is_there)
        }
    };
    let mut fingerprints: Vec<String> = keys.iter().map(|key| fingerprint(purpose, key)).collect();
    if !fingerprints.is_empty() {
        match purpose {
            KeyPurpose::AccessTokens => {
                fingerprints.extend(config.earlier_token_keys.iter().map(|key| fingerprint(purpose, key.reveal())));
            }
            KeyPurpose::Audit => fingerprints.extend(config.audit_public_keys.iter().map(|key| of_public_key(key))),
            KeyPurpose::PersonalData | KeyPurpose::Links => {}
        }
    }
    Ok(AvailableKey { purpose, place, fingerprints, is_file })
}

/// Returns the keys in a file; `None` without a file.
fn lines(file: &Path) -> Result<Option<Vec<String>>, InstallationError> {
    let refuse =
        |cause: std::io::Error| InstallationError::Unreadable { file: file.display().to_string(), cause: cause.to_string() };
    let mode = match std::fs::metadata(file) {
        Ok(found) => found.permissions().mode() & 0o777,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(error)),
    };
    if mode & 0o077 != 0 {
        return Err(InstallationError::Readable { file: file.display().to_string(), mode });
    }
    let text = std::fs::read_to_string(file).map_err(refuse)?;
    let keys: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if keys.is_empty() {
        return Err(InstallationError::Unreadable { file: file.display().to_string(), cause: "it holds no key".to_owned() });
    }
    Ok(Some(keys))
}

fn fingerprint(purpose: KeyPurpose, key: &str) -> String {
    if purpose == KeyPurpose::Audit {
        return SigningKey::of_seed(key).map(|key| of_public_key(&key.public_key())).unwrap_or_default();
    }
    let hash = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()),
        format!("pakn fingerprint: {}", purpose.as_str()).as_bytes(),
    );
    HEXLOWER.encode(hash.as_ref().get(..BYTES).unwrap_or_default())
}
