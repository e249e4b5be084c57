//! Key fingerprints stored in a database, and the metadata read from it before the application is opened.

use crate::db::connection::{Access, DatabaseUrl, DbConnection, SessionSettings};
use crate::db::migrate::{self, MigrationState};
use crate::db::schema::{audit_heads, installation_keys};
use crate::db::{StorageError, Vault, vault};
use crate::kernel::Instant;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use std::collections::BTreeMap;

/// Migrations that encrypted personal data, introduced the audit record, and introduced the fingerprints.
const SEALED_SINCE: &str = "0012";
const AUDITED_SINCE: &str = "0013";
const KEPT_SINCE: &str = "0024";

/// Metadata of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseProbe {
    /// State of the schema migrations.
    pub state: MigrationState,
    /// Key fingerprints by purpose; empty in databases older than the fingerprints.
    pub fingerprints: BTreeMap<String, String>,
    /// Public key of the newest signed head.
    pub signer: Option<String>,
    /// Whether there is an encrypted value that the available keys do not open.
    pub is_closed: bool,
}

/// Inspects a database without writing. Returns `None` when there is no database, or one without our tables.
pub fn probe(url: &DatabaseUrl, keys: &Vault) -> Result<Option<DatabaseProbe>, StorageError> {
    // A startup that was killed early leaves an empty file.
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

/// Returns the fingerprints by purpose.
pub fn fingerprints(connection: &mut DbConnection) -> Result<BTreeMap<String, String>, StorageError> {
    let query = installation_keys::table.select((installation_keys::purpose, installation_keys::fingerprint));
    Ok(query.load::<(String, String)>(connection)?.into_iter().collect())
}

/// Stores a fingerprint unless the purpose has one; another instance may have been faster.
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

/// Replaces a stored fingerprint.
pub fn change(connection: &mut DbConnection, purpose: &str, fingerprint: &str, at: Instant) -> Result<(), StorageError> {
    diesel::update(installation_keys::table.find(purpose))
        .set((installation_keys::fingerprint.eq(fingerprint), installation_keys::recorded_at.eq(at)))
        .execute(connection)?;
    Ok(())
}
