//! The manifest of a backup: its parts with their hashes, and which keys it belongs to. It never contains a
//! key.

use super::BackupFailure;
use crate::attachments::transfer::StoredFile;
use crate::ops::installation::AvailableKey;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The format tag of the manifests that this program writes and reads.
pub const FORMAT: &str = "pakn backup 1";
/// File names of the parts.
pub const MANIFEST: &str = "manifest.json";
pub const DATABASE: &str = "pakn.db";
pub const LIST: &str = "files.jsonl";
pub const FILES: &str = "files";

/// The manifest of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    /// Creation time, in UTC.
    pub made_at: String,
    /// Version of the program that made the backup.
    pub program: String,
    /// Newest migration of the database.
    pub schema: String,
    /// Kind of the source database. The database in the backup is always SQLite.
    pub source: String,
    pub database: ManifestPart,
    /// Row counts by table.
    pub rows: BTreeMap<String, u64>,
    /// Uploaded files.
    pub files: FilesPart,
    /// Keys that the backup needs; without them most of it is unusable.
    pub keys: Vec<KeyPart>,
}

/// One file of the backup; the hash is SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPart {
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
}

/// The uploaded files of a backup; `bytes` is their total size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesPart {
    /// Whether the files are included, or only the list.
    pub included: bool,
    pub count: u64,
    pub bytes: u64,
    /// The list: JSON lines with name, size and SHA-256 of each file.
    pub list: ManifestPart,
    /// Files that the database references but that could not be read during the backup.
    pub missing: Vec<String>,
}

/// A key that belongs to the backup and is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPart {
    pub purpose: String,
    /// File name in the data folder.
    pub file: String,
    /// Environment variable that can hold the key instead of the file.
    pub variable: String,
    /// Fingerprint of the current key; it reveals nothing about the key.
    pub fingerprint: String,
    /// Fingerprints of the earlier keys that were available.
    pub earlier: Vec<String>,
}

impl KeyPart {
    /// Returns the entry for an available key; `None` without a current key.
    pub fn of(key: &AvailableKey) -> Option<Self> {
        let (present, earlier) = key.fingerprints.split_first()?;
        Some(Self {
            purpose: key.purpose.as_str().to_owned(),
            file: key.purpose.file().to_owned(),
            variable: key.purpose.variable().to_owned(),
            fingerprint: present.clone(),
            earlier: earlier.to_vec(),
        })
    }
}

/// One line of the file list; the hash is SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedFile {
    pub name: String,
    pub size: u64,
    pub sha256: String,
}

impl From<&StoredFile> for ListedFile {
    fn from(file: &StoredFile) -> Self {
        Self { name: file.name.clone(), size: file.size, sha256: file.sha256.clone() }
    }
}

impl ManifestPart {
    /// Measures and hashes a file of the folder. Blocks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(folder: &Path, name: &str) -> Result<Self, BackupFailure> {
        let path = folder.join(name);
        let (bytes, sha256) = hashed(&path).map_err(|cause| BackupFailure::file(&path, cause))?;
        Ok(Self { file: name.to_owned(), bytes, sha256 })
    }

    /// Checks that the file in the folder still matches. Blocks.
    ///
    /// # Errors
    /// [`BackupFailure::Damaged`] when it does not.
    pub fn check(&self, folder: &Path) -> Result<(), BackupFailure> {
        let damaged = |why: &str| Err(BackupFailure::Damaged { part: self.file.clone(), why: why.to_owned() });
        let is_plain = !self.file.is_empty() && !self.file.contains(['/', '\\']) && self.file != "..";
        if !is_plain {
            return damaged("is no name of a part");
        }
        match hashed(&folder.join(&self.file)) {
            Err(cause) => damaged(&format!("cannot be read: {cause}")),
            Ok((bytes, _)) if bytes != self.bytes => damaged("has another length than the manifest says"),
            Ok((_, sha256)) if sha256 != self.sha256 => damaged("has another hash than the manifest says"),
            Ok(_) => Ok(()),
        }
    }
}

impl Manifest {
    /// Reads the manifest of a folder. Blocks.
    ///
    /// # Errors
    /// When it is missing or has an unknown format.
    pub fn read(folder: &Path) -> Result<Self, BackupFailure> {
        let damaged = |why: String| BackupFailure::Damaged { part: MANIFEST.to_owned(), why };
        let text = std::fs::read_to_string(folder.join(MANIFEST)).map_err(|cause| damaged(format!("cannot be read: {cause}")))?;
        let manifest: Self = serde_json::from_str(&text).map_err(|cause| damaged(format!("is none of a backup: {cause}")))?;
        match manifest.format == FORMAT {
            true => Ok(manifest),
            false => Err(damaged(format!("is of another form ({}); this program reads {FORMAT}", manifest.format))),
        }
    }
}

/// Returns the length and SHA-256 of a file.
fn hashed(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut length) = (Sha256::new(), 0);
    let mut piece = vec![0; 64 * 1024];
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            return Ok((length, HEXLOWER.encode(&hash.finalize())));
        }
        hash.update(piece.get(..count).unwrap_or_default());
        length += u64::try_from(count).unwrap_or(u64::MAX);
    }
}
