//! Checks that program, database and keys match, before anything is created or written.
//!
//! Called by every command before it opens the application. Compares the settings with the metadata of the
//! database and returns an error that names the file and the remedy. Rules: a database remembers the
//! fingerprints of its keys; a key matches when the remembered fingerprint is that of the current or of an
//! earlier configured key; a new key is created only when nothing depends on an earlier one.

mod keys;

pub use keys::{AvailableKey, KeyPurpose, available_keys};

use crate::app::App;
use crate::config::Config;
use crate::db::service_error::ServiceError;
use crate::db::{DatabaseUrl, DbConnection, StorageError};
use crate::kernel::Instant;
use crate::ops::store::installation::{self, DatabaseProbe};

/// Why the application must not be opened.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// Others can read a key file.
    #[error(
        "others can read {file} (mode {mode:03o}), which holds keys: run `chmod 600 {file}`, and draw new keys if somebody may have"
    )]
    Readable { file: String, mode: u32 },
    #[error("cannot read the keys in {file}: {cause}")]
    Unreadable { file: String, cause: String },
    /// The database was written by a newer program.
    #[error(
        "the database {database} was written by a newer version of this program (migration {version} is unknown to this one): start \
         that version, or restore a backup from before the update"
    )]
    Newer {
        database: String,
        /// The first unknown migration.
        version: String,
    },
    /// The database is missing, but its keys exist.
    #[error(
        "there is nothing in the database {database}, but {file} is the key of an earlier one: bring that back (`pakn restore`, or \
         PAKN_DATABASE_URL when it lies elsewhere; `pakn copy` moves one to another place), or, for a new beginning, take the *.key \
         files and personal.keys out of the data folder"
    )]
    Emptied { database: String, file: String },
    /// A key that the database was used with is missing.
    #[error("the database {database} was used with a key that is missing: put {place} back ({}); {}", .purpose.variable(), .purpose.way_out())]
    Missing { database: String, purpose: KeyPurpose, place: String },
    /// A key is not the one that the database was used with.
    #[error("{place} is not the key that the database {database} was used with: put the right one back; {}", .purpose.way_out())]
    Other { database: String, purpose: KeyPurpose, place: String },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Strictness of the key check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCheckScope {
    /// Every key has to match.
    Everything,
    /// The access token key and the audit key may differ, because the operator declared the old ones lost.
    PersonalDataOnly,
}

/// Checks the database and the configured keys. Blocks.
///
/// # Errors
/// The first mismatch.
pub fn check(config: &Config, asked: KeyCheckScope) -> Result<(), InstallationError> {
    let url = config.address()?;
    let keys = available_keys(config)?;
    let looked = installation::probe(&url, &config.vault())?;
    let Some(looked) = looked else {
        let leftover = keys.iter().find(|key| key.is_file && matches!(key.purpose, KeyPurpose::PersonalData | KeyPurpose::Audit));
        return leftover
            .map_or(Ok(()), |key| Err(InstallationError::Emptied { database: url.without_password(), file: key.place.clone() }));
    };
    fits(&url, &looked, &keys, asked)
}

/// Checks that the program knows all migrations of the database; ignores keys.
///
/// # Errors
/// [`InstallationError::Newer`] when it does not.
pub fn is_known(config: &Config) -> Result<(), InstallationError> {
    let url = config.address()?;
    match installation::probe(&url, &config.vault())? {
        Some(looked) => is_no_newer(&url, &looked),
        None => Ok(()),
    }
}

fn is_no_newer(url: &DatabaseUrl, looked: &DatabaseProbe) -> Result<(), InstallationError> {
    let newer = |version: &String| Err(InstallationError::Newer { database: url.without_password(), version: version.clone() });
    looked.state.unknown.first().map_or(Ok(()), newer)
}

/// Checks that the program and the keys match the metadata of a database.
///
/// # Errors
/// The first mismatch.
pub fn fits(
    url: &DatabaseUrl,
    looked: &DatabaseProbe,
    keys: &[AvailableKey],
    asked: KeyCheckScope,
) -> Result<(), InstallationError> {
    is_no_newer(url, looked)?;
    let database = url.without_password();
    for key in keys.iter().filter(|key| KeyPurpose::KEPT.contains(&key.purpose)) {
        let purpose = key.purpose;
        if asked == KeyCheckScope::PersonalDataOnly && purpose != KeyPurpose::PersonalData {
            continue;
        }
        let kept = looked.fingerprints.get(purpose.as_str());
        let signer = looked.signer.as_deref().filter(|_| purpose == KeyPurpose::Audit).map(keys::of_public_key);
        // Older databases store no fingerprints: signatures and encrypted values tell whether the keys match.
        let is_closed = purpose == KeyPurpose::PersonalData && looked.is_closed;
        let wanted = kept.cloned().or(signer);
        let is_wanted = wanted.is_some() || is_closed;
        let place = key.place.clone();
        if key.present().is_none() {
            if is_wanted {
                return Err(InstallationError::Missing { database, purpose, place });
            }
        } else if is_closed || wanted.is_some_and(|wanted| !key.has(&wanted)) {
            return Err(InstallationError::Other { database, purpose, place });
        }
    }
    Ok(())
}

/// Stores the fingerprints of the available keys where the database has none or that of an earlier key.
///
/// # Errors
/// [`InstallationError::Other`] when another instance started with other keys at the same time.
pub async fn remember(app: &App, asked: KeyCheckScope) -> Result<(), InstallationError> {
    let keys = available_keys(&app.config)?;
    let now = app.now();
    let unfit = app.db.write(move |connection| Ok::<_, ServiceError>(remembered(connection, &keys, asked, now)?)).await.map_err(
        |error| match error {
            ServiceError::Storage(error) => InstallationError::Storage(error),
            other => InstallationError::Storage(StorageError::Query(other.to_string())),
        },
    )?;
    unfit.map_or(Ok(()), |(purpose, place)| {
        Err(InstallationError::Other { database: app.db.url().without_password(), purpose, place })
    })
}

/// A key that was not stored because the database was used with a different key meanwhile.
type UnrecordedKey = Option<(KeyPurpose, String)>;

fn remembered(
    connection: &mut DbConnection,
    keys: &[AvailableKey],
    asked: KeyCheckScope,
    now: Instant,
) -> Result<UnrecordedKey, StorageError> {
    for key in keys.iter().filter(|key| KeyPurpose::KEPT.contains(&key.purpose)) {
        let Some(present) = key.present() else { continue };
        let purpose = key.purpose.as_str();
        let mut kept = installation::fingerprints(connection)?.remove(purpose);
        if kept.is_none() {
            installation::keep(connection, purpose, present, now)?;
            kept = installation::fingerprints(connection)?.remove(purpose);
        }
        let Some(kept) = kept.filter(|kept| kept != present) else { continue };
        let may_change = key.has(&kept) || (asked == KeyCheckScope::PersonalDataOnly && key.purpose != KeyPurpose::PersonalData);
        if !may_change {
            return Ok(Some((key.purpose, key.place.clone())));
        }
        installation::change(connection, purpose, present, now)?;
    }
    Ok(None)
}
