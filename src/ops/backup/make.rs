//! Makes a backup while servers run: a consistent snapshot of the database first, then the files it references.

use super::BackupFailure;
use super::ProgressFn;
use super::blocking;
use super::manifest::{DATABASE, FILES, FORMAT, FilesPart, KeyPart, LIST, ListedFile, MANIFEST, Manifest, ManifestPart};
use crate::attachments::transfer::{self, TransferError};
use crate::config::Config;
use crate::db::file_store::{FileStore, FileStoreAddress, FileStoreError};
use crate::db::partial_file::{self, PartialFile};
use crate::db::{Backend, DatabaseUrl, Db, DbSettings, backup, copy};
use crate::kernel::Instant;
use crate::ops::installation::available_keys;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// All backups are built under this temporary name, so that the next one removes what an interrupted one left.
const MEANWHILE: &str = ".pakn-backup";

/// Result of a backup.
#[derive(Debug, Clone)]
pub struct BackupReport {
    pub manifest: Manifest,
    /// Whether the database lacks migrations that this program has.
    pub is_older: bool,
}

/// Makes a backup in a new folder, with the uploaded files or only a list of them.
///
/// # Errors
/// [`BackupError::Exists`](crate::db::backup::BackupError) when the target exists; any error that makes the
/// backup incomplete.
pub async fn make(
    config: &Config,
    target: &Path,
    with_files: bool,
    now: Instant,
    tell: ProgressFn<'_>,
) -> Result<BackupReport, BackupFailure> {
    let url = config.address().map_err(BackupFailure::from)?;
    let keys = available_keys(config)?;
    let target = std::path::absolute(target).map_err(|cause| BackupFailure::file(target, cause))?;
    let meanwhile = target.with_file_name(MEANWHILE);
    let place = target.clone();
    let partial = blocking(move || {
        refuse_existing(&place)?;
        let refuse = |cause| BackupFailure::file(&place, cause);
        partial_file::sweep(&meanwhile).map_err(refuse)?;
        PartialFile::folder(&meanwhile).map_err(refuse)
    })
    .await?;
    let folder = partial.path().to_owned();
    let (contents, rows) = database(&url, &folder, tell).await?;
    let files = files(config, &url, &folder, with_files, tell).await?;
    let source = url.backend().as_str().to_owned();
    blocking(move || {
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            made_at: now.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema: contents.schema.clone(),
            source,
            database: ManifestPart::of(&folder, DATABASE)?,
            rows,
            files,
            keys: keys.iter().filter_map(KeyPart::of).collect(),
        };
        let path = folder.join(MANIFEST);
        let text = serde_json::to_string_pretty(&manifest).map_err(|error| BackupFailure::file(&path, error.into()))?;
        write(&path, format!("{text}\n").as_bytes())?;
        File::open(&folder).and_then(|folder| folder.sync_all()).map_err(|cause| BackupFailure::file(&folder, cause))?;
        // Somebody may have created the target in the meantime.
        refuse_existing(&target)?;
        partial.rename_to(&target).map_err(|cause| BackupFailure::file(&target, cause))?;
        Ok(BackupReport { manifest, is_older: contents.missing_migrations > 0 })
    })
    .await
}

fn refuse_existing(target: &Path) -> Result<(), BackupFailure> {
    match target.symlink_metadata() {
        Ok(_) => Err(backup::BackupError::Exists(target.to_owned()).into()),
        Err(_) => Ok(()),
    }
}

/// Copies the database, of either kind, into the folder and returns the row counts of its tables.
async fn database(
    url: &DatabaseUrl,
    folder: &Path,
    tell: ProgressFn<'_>,
) -> Result<(backup::BackupContents, BTreeMap<String, u64>), BackupFailure> {
    let (path, url) = (folder.join(DATABASE), url.clone());
    tell("database", 0, 1);
    let made = blocking(move || {
        let contents = match url.backend() {
            Backend::Sqlite => backup::back_up(&url, &path)?,
            Backend::Postgres => {
                copy::copy(&url, &DatabaseUrl::Sqlite(path.clone()), &mut |_, _| {})?;
                backup::finalize(&path)?
            }
        };
        let rows = backup::rows(&path)?;
        Ok((contents, rows))
    })
    .await?;
    tell("database", 1, 1);
    Ok(made)
}

/// Copies the files into the folder, or only lists them.
async fn files(
    config: &Config,
    url: &DatabaseUrl,
    folder: &Path,
    is_included: bool,
    tell: ProgressFn<'_>,
) -> Result<FilesPart, BackupFailure> {
    let address = config.files().map_err(|error| BackupFailure::Settings(error.to_string()))?;
    let source = FileStore::open(&address, &config.spool_folder(), 0)?;
    let target = match is_included {
        true => Some(FileStore::open(&FileStoreAddress::Folder(folder.join(FILES)), &config.spool_folder(), 0)?),
        false => None,
    };
    let patient = DbSettings { connections: 1, statement_limit: Duration::ZERO, ..DbSettings::new(url.clone()) };
    let db = Db::open(&patient)?;
    let known = transfer::known(&db).await;
    db.close().await;
    let known = known?;
    let total = u64::try_from(known.len()).unwrap_or(u64::MAX);
    let path = folder.join(LIST);
    let mut list = list(path.clone()).await?;
    let (mut count, mut bytes, mut missing) = (0, 0, Vec::new());
    for (file, done) in known.iter().zip(1..) {
        let carried = match &target {
            Some(target) => transfer::transfer(&source, target, file).await,
            None => transfer::look(&source, file).await,
        };
        match carried {
            Ok(None) => {}
            Ok(Some(lying)) => {
                if is_included {
                    restrict(&folder.join(FILES).join(&lying.name))?;
                }
                count += 1;
                bytes += lying.size;
                let line = serde_json::to_string(&ListedFile::from(&lying)).unwrap_or_default();
                writeln!(list, "{line}").map_err(|cause| BackupFailure::file(&path, cause))?;
            }
            // One lost file must not prevent the backup of everything else.
            Err(TransferError::Missing(name) | TransferError::Changed(name)) => missing.push(name),
            Err(TransferError::Files(FileStoreError::Missing)) => missing.push(file.name.clone()),
            Err(error) => return Err(error.into()),
        }
        tell("files", done, total);
    }
    let inner = list.into_inner().map_err(|error| BackupFailure::file(&path, error.into_error()))?;
    inner.sync_all().map_err(|cause| BackupFailure::file(&path, cause))?;
    let place = folder.to_owned();
    let list = blocking(move || ManifestPart::of(&place, LIST)).await?;
    Ok(FilesPart { included: is_included, count, bytes, list, missing })
}

/// Makes the folder private to its owner, which also protects files copied out of it.
fn restrict(path: &Path) -> Result<(), BackupFailure> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(|cause| BackupFailure::file(path, cause))
}

async fn list(path: PathBuf) -> Result<BufWriter<File>, BackupFailure> {
    blocking(move || {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        file.map(BufWriter::new).map_err(|cause| BackupFailure::file(&path, cause))
    })
    .await
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BackupFailure> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|cause| BackupFailure::file(path, cause))
}
