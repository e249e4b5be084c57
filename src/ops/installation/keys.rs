//! The keys at hand: where each comes from, its fingerprint, and whether others can read its file.
//!
//! Enters the settings, leaves fingerprints; no key leaves this module. A fingerprint is a keyed hash of a random key, or the hash of
//! a public key, and leads back to neither.

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

/// Bytes of a fingerprint.
const BYTES: usize = 16;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Signs access tokens and seals links in messages.
    AccessTokens,
    /// Seals personal data.
    PersonalData,
    /// Signs the heads of the audit record.
    Audit,
    /// Signs links to files, which are good for an hour: another key harms nobody, so that no database remembers it.
    Links,
}

impl KeyPurpose {
    /// Those that a database remembers.
    pub const KEPT: [Self; 3] = [Self::PersonalData, Self::AccessTokens, Self::Audit];
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PersonalData, Self::AccessTokens, Self::Audit, Self::Links];

    /// The word in the database and in manifests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessTokens => "access_tokens",
            Self::PersonalData => "personal_data",
            Self::Audit => "audit",
            Self::Links => "links",
        }
    }

    /// Its file in the data folder.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::AccessTokens => TOKEN_KEY_FILE,
            Self::PersonalData => PERSONAL_KEYS_FILE,
            Self::Audit => AUDIT_KEY_FILE,
            Self::Links => LINK_KEY_FILE,
        }
    }

    /// The variable that takes the place of the file.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::AccessTokens => "PAKN_TOKEN_KEY",
            Self::PersonalData => "PAKN_PERSONAL_KEYS",
            Self::Audit => "PAKN_AUDIT_KEY",
            Self::Links => "PAKN_LINK_KEY",
        }
    }

    /// What can be done when the key is lost.
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

/// One key at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailableKey {
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The file, or the variable, that holds it.
    pub place: String,
    /// Fingerprints: of the present key first, then of earlier ones; none where there is no key.
    pub fingerprints: Vec<String>,
    /// Whether it is a file, and the file is there.
    pub is_file: bool,
}

impl AvailableKey {
    /// The fingerprint of the present key.
    #[must_use]
    pub fn present(&self) -> Option<&str> {
        self.fingerprints.first().map(String::as_str)
    }

    /// Whether a fingerprint is that of one of the keys.
    #[must_use]
    pub fn has(&self, fingerprint: &str) -> bool {
        self.fingerprints.iter().any(|own| own == fingerprint)
    }
}

/// The keys at hand, none of which is made when it is missing.
///
/// # Errors
/// [`InstallationError::Readable`] for a file that others can read, [`InstallationError::Unreadable`] for one that cannot be read at all.
pub fn available_keys(config: &Config) -> Result<Vec<AvailableKey>, InstallationError> {
    KeyPurpose::ALL.into_iter().map(|purpose| one(config, purpose)).collect()
}

/// The fingerprint of a public key of the audit record.
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

/// The keys in a file; none where there is no file.
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
