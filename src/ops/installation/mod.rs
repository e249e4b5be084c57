//! Whether program, database and keys belong together, found out before anything is created or written.
//!
//! Called by the command line ahead of every opening. Enters the settings and what the database tells of itself, leaves a refusal that
//! names the file and the way out. Rules: a database remembers fingerprints of its keys; a key at hand is right when it, or an earlier
//! one that is still named, is the remembered one; a key is made only where nothing needs an earlier one.

mod keys;

pub use keys::{AvailableKey, KeyPurpose, available_keys};

use crate::app::App;
use crate::config::Config;
use crate::db::service_error::ServiceError;
use crate::db::{DatabaseUrl, DbConnection, StorageError};
use crate::kernel::Instant;
use crate::ops::store::installation::{self, DatabaseProbe};

/// Why nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// Others can read a key.
    #[error(
        "others can read {file} (mode {mode:03o}), which holds keys: run `chmod 600 {file}`, and draw new keys if somebody may have"
    )]
    Readable {
        /// The file.
        file: String,
        /// Its mode.
        mode: u32,
    },
    /// A file of keys cannot be read.
    #[error("cannot read the keys in {file}: {cause}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why not.
        cause: String,
    },
    /// A newer program has written the database.
    #[error(
        "the database {database} was written by a newer version of this program (migration {version} is unknown to this one): start \
         that version, or restore a backup from before the update"
    )]
    Newer {
        /// The database.
        database: String,
        /// The first unknown migration.
        version: String,
    },
    /// The database is gone, and its keys are not.
    #[error(
        "there is nothing in the database {database}, but {file} is the key of an earlier one: bring that back (`pakn restore`, or \
         PAKN_DATABASE_URL when it lies elsewhere; `pakn copy` moves one to another place), or, for a new beginning, take the *.key \
         files and personal.keys out of the data folder"
    )]
    Emptied {
        /// The database.
        database: String,
        /// The key.
        file: String,
    },
    /// A key that the database was used with is not there.
    #[error("the database {database} was used with a key that is missing: put {place} back ({}); {}", .purpose.variable(), .purpose.way_out())]
    Missing {
        /// The database.
        database: String,
        /// What the key is for.
        purpose: KeyPurpose,
        /// Where it should be.
        place: String,
    },
    /// A key is another one.
    #[error("{place} is not the key that the database {database} was used with: put the right one back; {}", .purpose.way_out())]
    Other {
        /// The database.
        database: String,
        /// What the key is for.
        purpose: KeyPurpose,
        /// Where it comes from.
        place: String,
    },
    /// The database cannot be looked at.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How strict a look is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyCheckScope {
    /// Every key has to be the right one.
    Everything,
    /// The keys of access tokens and of the audit record may be others, because their owner says that they are lost.
    PersonalDataOnly,
}

/// Looks at the database and the keys of the settings; blocks.
///
/// # Errors
/// What does not belong together.
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

/// Whether the program knows everything that was done to the database; says nothing of keys.
///
/// # Errors
/// [`InstallationError::Newer`]; those of the database.
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

/// Whether the program and the keys fit what a database tells of itself.
///
/// # Errors
/// What does not belong together.
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
        // Databases of before fingerprints were kept tell by what was signed or sealed.
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

/// Remembers the keys at hand in the database, where it remembers none or an earlier one of them.
///
/// # Errors
/// [`InstallationError::Other`] when another instance began with other keys at the same moment.
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

/// What is not remembered because the database was used with another key meanwhile.
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
