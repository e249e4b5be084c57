//! What a backup says of itself: its parts with their hashes, and which keys belong to it. It never holds a key.

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

/// The first word of a manifest that this program writes and reads.
pub const FORMAT: &str = "pakn backup 1";
/// The names of the parts.
pub const MANIFEST: &str = "manifest.json";
pub const DATABASE: &str = "pakn.db";
pub const LIST: &str = "files.jsonl";
pub const FILES: &str = "files";

/// A whole backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `FORMAT`.
    pub format: String,
    /// When it was made, in UTC.
    pub made_at: String,
    /// The version of the program that made it.
    pub program: String,
    /// The newest migration of the database.
    pub schema: String,
    /// The kind of the database that was backed up; in the backup it is SQLite always.
    pub source: String,
    /// The database.
    pub database: ManifestPart,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// The uploaded files.
    pub files: FilesPart,
    /// The keys that belong to it, without which it is good for little.
    pub keys: Vec<KeyPart>,
}

/// One file of the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPart {
    /// Its name in the folder.
    pub file: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256.
    pub sha256: String,
}

/// The uploaded files of the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesPart {
    /// Whether they are in it, or only their list.
    pub included: bool,
    /// How many there are.
    pub count: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// The list: a line of JSON with name, size and SHA-256 for each.
    pub list: ManifestPart,
    /// Files that the database names and that were not to be had when the backup was made.
    pub missing: Vec<String>,
}

/// A key that belongs to the backup and is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPart {
    /// What it is for.
    pub purpose: String,
    /// Its file in the data folder.
    pub file: String,
    /// The variable that holds it instead of the file.
    pub variable: String,
    /// Fingerprint of the present key; it says nothing of the key.
    pub fingerprint: String,
    /// Those of earlier ones that were at hand.
    pub earlier: Vec<String>,
}

impl KeyPart {
    /// The part for a key at hand.
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

/// A line of the list of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedFile {
    /// Its name in the store.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: String,
}

impl From<&StoredFile> for ListedFile {
    fn from(file: &StoredFile) -> Self {
        Self { name: file.name.clone(), size: file.size, sha256: file.sha256.clone() }
    }
}

impl ManifestPart {
    /// What a file of the folder is now; blocks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(folder: &Path, name: &str) -> Result<Self, BackupFailure> {
        let path = folder.join(name);
        let (bytes, sha256) = hashed(&path).map_err(|cause| BackupFailure::file(&path, cause))?;
        Ok(Self { file: name.to_owned(), bytes, sha256 })
    }

    /// Whether the file of the folder is this one still; blocks.
    ///
    /// # Errors
    /// [`BackupFailure::Damaged`] when it is not.
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
    /// Reads the manifest of a folder; blocks.
    ///
    /// # Errors
    /// When there is none, or it is none that this program knows.
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

/// Length and SHA-256 of a file.
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
