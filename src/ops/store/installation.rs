//! Which keys a database was used with, as fingerprints; and what a database tells of itself before anything is opened for good.

use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::migrate::{self, MigrationState};
use crate::db::schema::{audit_heads, installation_keys};
use crate::db::{StorageError, Vault, vault};
use crate::kernel::Instant;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use std::collections::BTreeMap;

/// The migration that sealed personal data, the one that began the audit record, and the one that keeps fingerprints.
const SEALED_SINCE: &str = "0012";
const AUDITED_SINCE: &str = "0013";
const KEPT_SINCE: &str = "0024";

/// What a database tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseProbe {
    /// Where it stands in the history of the schema.
    pub state: MigrationState,
    /// The fingerprints of its keys by purpose; empty before they were kept.
    pub fingerprints: BTreeMap<String, String>,
    /// The public key of the newest signed head.
    pub signer: Option<String>,
    /// Whether something is sealed that the keys at hand do not open.
    pub is_closed: bool,
}

/// Looks at a database without writing; none where there is no database, or one without any table of ours.
pub fn probe(url: &DatabaseUrl, keys: &Vault) -> Result<Option<DatabaseProbe>, StorageError> {
    // An empty file is what a start that was killed early leaves.
    if url.sqlite_path().is_some_and(|path| path.metadata().map_or(true, |found| found.len() == 0)) {
        return Ok(None);
    }
    let mut connection = url.connect(Access::Read, SessionSettings::UNLIMITED)?;
    let state = migrate::state(&mut connection)?;
    if state.applied == 0 {
        return Ok(None);
    }
    let mut looked = DatabaseProbe { fingerprints: BTreeMap::new(), signer: None, is_closed: false, state };
    if !looked.state.unknown.is_empty() {
        return Ok(Some(looked));
    }
    let has = |version: &str| !looked.state.pending.iter().any(|pending| pending.as_str() <= version);
    let (is_sealed, is_audited, is_kept) = (has(SEALED_SINCE), has(AUDITED_SINCE), has(KEPT_SINCE));
    if is_kept {
        looked.fingerprints = fingerprints(&mut connection)?;
    }
    if is_audited {
        let newest = audit_heads::table.order(audit_heads::day.desc()).select(audit_heads::public_key);
        looked.signer = newest.first(&mut connection).optional()?;
    }
    if is_sealed {
        looked.is_closed = match keys.enter(|| vault::try_one(&mut connection)) {
            Err(StorageError::Unavailable(_) | StorageError::Settings(_)) => true,
            opened => opened.map(|()| false)?,
        };
    }
    Ok(Some(looked))
}

/// The fingerprints by purpose.
pub fn fingerprints(connection: &mut DbConnection) -> Result<BTreeMap<String, String>, StorageError> {
    let query = installation_keys::table.select((installation_keys::purpose, installation_keys::fingerprint));
    Ok(query.load::<(String, String)>(connection)?.into_iter().collect())
}

/// Keeps a fingerprint for a purpose that has none; another instance may have been faster.
pub fn keep(connection: &mut DbConnection, purpose: &str, fingerprint: &str, at: Instant) -> Result<(), StorageError> {
    diesel::sql_query(
        "INSERT INTO installation_keys (purpose, fingerprint, recorded_at) VALUES ($1, $2, $3) ON CONFLICT (purpose) DO NOTHING",
    )
    .bind::<Text, _>(purpose)
    .bind::<Text, _>(fingerprint)
    .bind::<Timestamp, _>(at)
    .execute(connection)?;
    Ok(())
}

/// Puts another fingerprint in the place of the one that is kept.
pub fn change(connection: &mut DbConnection, purpose: &str, fingerprint: &str, at: Instant) -> Result<(), StorageError> {
    diesel::update(installation_keys::table.find(purpose))
        .set((installation_keys::fingerprint.eq(fingerprint), installation_keys::recorded_at.eq(at)))
        .execute(connection)?;
    Ok(())
}
