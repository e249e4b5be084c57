//! Restores a backup while no server runs: checks everything first, then writes the files, and swaps in the
//! database last, atomically.

use super::BackupFailure;
use super::ProgressFn;
use super::blocking;
use super::journal;
use super::manifest::{FILES, ListedFile, Manifest};
use crate::attachments::transfer::{self, KnownFile, TransferError};
use crate::config::Config;
use crate::db::backup::{self, BackupContents, VerifiedBackup};
use crate::db::file_store::{FileStore, FileStoreAddress, FileStoreError};
use crate::db::partial_file::PartialFile;
use crate::db::{DatabaseUrl, copy, migrate};
use crate::ops::installation::{self, AvailableKey, KeyCheckScope, KeyPurpose, available_keys};
use crate::ops::store::installation as stored;
use std::path::{Path, PathBuf};

/// Result of a restore.
#[derive(Debug, Clone)]
pub struct RestoreReport {
    /// Contents of the restored database.
    pub contents: BackupContents,
    /// Where the previous database was moved to.
    pub replaced: Option<PathBuf>,
    /// Uploaded files that were restored, and those that were already there.
    pub files: Option<(u64, u64)>,
}

/// The database of a backup, ready to be put in place.
enum PreparedDatabase {
    /// To be renamed into place.
    File(Box<VerifiedBackup>),
    /// To be copied into the server database.
    Server(PartialFile, BackupContents),
}

/// Restores a backup: a folder with all parts, or the single file of the database.
///
/// # Errors
/// Whatever makes the restore incomplete; nothing was changed then.
pub async fn restore(
    config: &Config,
    backup: &Path,
    may_replace: bool,
    asked: KeyCheckScope,
    kept_as: &str,
    tell: ProgressFn<'_>,
) -> Result<RestoreReport, BackupFailure> {
    let url = config.address()?;
    journal::clean_up(config).await?;
    let keys = available_keys(config)?;
    let (database, whole) = match backup.is_dir() {
        true => {
            let manifest = looked_at(config, backup, tell).await?;
            fit(&manifest, &keys, asked)?;
            (backup.join(super::manifest::DATABASE), Some(manifest))
        }
        false => (backup.to_owned(), None),
    };
    let ready = ready(config, &url, database, may_replace, asked, keys).await?;
    let listed = match whole.as_ref().filter(|manifest| manifest.files.included) {
        Some(manifest) => Some(listed(backup, manifest)?),
        None => None,
    };
    let put = match &listed {
        Some(listed) => Some(put_files(config, backup, &ready, listed, tell).await?),
        None => None,
    };
    match in_place(&url, ready, kept_as, tell).await {
        Ok((contents, replaced)) => {
            journal::end(config)?;
            Ok(RestoreReport { contents, replaced, files: put.map(|put| (put.added, put.there)) })
        }
        Err(error) => {
            if let Some(put) = put {
                journal::take_back(config, &put.names).await?;
            }
            journal::end(config)?;
            Err(error)
        }
    }
}

/// Reads every part and compares it with the manifest.
async fn looked_at(config: &Config, folder: &Path, tell: ProgressFn<'_>) -> Result<Manifest, BackupFailure> {
    let place = folder.to_owned();
    tell("checking", 0, 1);
    let manifest = blocking(move || {
        let manifest = Manifest::read(&place)?;
        manifest.database.check(&place)?;
        manifest.files.list.check(&place)?;
        Ok(manifest)
    })
    .await?;
    if manifest.files.included {
        let files = listed(folder, &manifest)?;
        let source = FileStore::open(&FileStoreAddress::Folder(folder.join(FILES)), &config.spool_folder(), 0)?;
        let total = u64::try_from(files.len()).unwrap_or(u64::MAX);
        for (file, done) in files.iter().zip(1..) {
            transfer::look(&source, &known(file)).await.map_err(|error| match error {
                TransferError::Missing(part) => BackupFailure::Damaged { part, why: "is missing".to_owned() },
                TransferError::Changed(part) => {
                    BackupFailure::Damaged { part, why: "has another hash than the list says".to_owned() }
                }
                other => other.into(),
            })?;
            tell("checking", done, total);
        }
    }
    Ok(manifest)
}

fn known(file: &ListedFile) -> KnownFile {
    KnownFile { name: file.name.clone(), sha256: Some(file.sha256.clone()), is_needed: true }
}

fn listed(folder: &Path, manifest: &Manifest) -> Result<Vec<ListedFile>, BackupFailure> {
    let path = folder.join(&manifest.files.list.file);
    let text = std::fs::read_to_string(&path).map_err(|cause| BackupFailure::file(&path, cause))?;
    let damaged = |why: String| BackupFailure::Damaged { part: manifest.files.list.file.clone(), why };
    let lines =
        text.lines().map(|line| serde_json::from_str(line).map_err(|error| damaged(format!("has a broken line: {error}"))));
    lines.collect()
}

/// Checks that the available keys are those named in the manifest.
fn fit(manifest: &Manifest, keys: &[AvailableKey], asked: KeyCheckScope) -> Result<(), BackupFailure> {
    for part in &manifest.keys {
        let own = keys.iter().find(|key| key.purpose.as_str() == part.purpose && KeyPurpose::KEPT.contains(&key.purpose));
        let Some(key) = own else { continue };
        let purpose = key.purpose;
        if asked == KeyCheckScope::PersonalDataOnly && purpose != KeyPurpose::PersonalData {
            continue;
        }
        let fingerprint = part.fingerprint.clone();
        if key.present().is_none() {
            return Err(BackupFailure::KeyMissing { purpose, fingerprint });
        }
        if !key.has(&fingerprint) {
            return Err(BackupFailure::KeyDiffers { purpose, place: key.place.clone(), fingerprint });
        }
    }
    Ok(())
}

/// Prepares the database of the backup beside its target: intact, of a known version, readable with the
/// available keys.
async fn ready(
    config: &Config,
    url: &DatabaseUrl,
    database: PathBuf,
    may_replace: bool,
    asked: KeyCheckScope,
    keys: Vec<AvailableKey>,
) -> Result<PreparedDatabase, BackupFailure> {
    let (place, url, vault) = (journal::beside(config, url), url.clone(), config.vault());
    blocking(move || {
        let ready = match url.sqlite_path() {
            Some(_) => PreparedDatabase::File(Box::new(backup::check(&url, &database, may_replace)?)),
            None => {
                let (partial, contents) = backup::beside(&place, &database)?;
                // Both sides of a copy must have the same schema version.
                migrate::migrate(&DatabaseUrl::Sqlite(partial.path().to_owned()))?;
                PreparedDatabase::Server(partial, contents)
            }
        };
        let beside = DatabaseUrl::Sqlite(ready.path().to_owned());
        if let Some(looked) = stored::probe(&beside, &vault)? {
            installation::fits(&DatabaseUrl::Sqlite(database), &looked, &keys, asked)?;
        }
        Ok(ready)
    })
    .await
}

impl PreparedDatabase {
    fn path(&self) -> &Path {
        match self {
            Self::File(checked) => checked.path(),
            Self::Server(partial, _) => partial.path(),
        }
    }
}

/// Files written by this restore.
struct StoredFiles {
    names: Vec<String>,
    added: u64,
    there: u64,
}

/// Writes the files that are missing; files with the same bytes stay untouched.
async fn put_files(
    config: &Config,
    backup: &Path,
    ready: &PreparedDatabase,
    listed: &[ListedFile],
    tell: ProgressFn<'_>,
) -> Result<StoredFiles, BackupFailure> {
    let address = config.files().map_err(|error| BackupFailure::Settings(error.to_string()))?;
    let source = FileStore::open(&FileStoreAddress::Folder(backup.join(FILES)), &config.spool_folder(), 0)?;
    let target = FileStore::open(&address, &config.spool_folder(), 0)?;
    let mut names = Vec::new();
    for file in listed {
        match target.size(&file.name).await {
            Err(FileStoreError::Missing) => names.push(file.name.clone()),
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
    }
    journal::begin(config, ready.path(), &names)?;
    let total = u64::try_from(listed.len()).unwrap_or(u64::MAX);
    for (file, done) in listed.iter().zip(1..) {
        if let Err(error) = transfer::transfer(&source, &target, &known(file)).await {
            journal::take_back(config, &names).await?;
            journal::end(config)?;
            return Err(error.into());
        }
        tell("files", done, total);
    }
    let added = u64::try_from(names.len()).unwrap_or(u64::MAX);
    Ok(StoredFiles { names, added, there: total.saturating_sub(added) })
}

/// Puts the database in place: the step that completes the restore.
async fn in_place(
    url: &DatabaseUrl,
    ready: PreparedDatabase,
    kept_as: &str,
    tell: ProgressFn<'_>,
) -> Result<(BackupContents, Option<PathBuf>), BackupFailure> {
    let (url, kept_as) = (url.clone(), kept_as.to_owned());
    tell("database", 0, 1);
    let put = blocking(move || match ready {
        PreparedDatabase::File(checked) => {
            let restored = checked.put_in_place(&kept_as)?;
            Ok((restored.contents, restored.replaced))
        }
        PreparedDatabase::Server(partial, contents) => {
            copy::copy(&DatabaseUrl::Sqlite(partial.path().to_owned()), &url, &mut |_, _| {})?;
            Ok((contents, None))
        }
    })
    .await?;
    tell("database", 1, 1);
    Ok(put)
}
