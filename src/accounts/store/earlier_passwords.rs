//! Hashes of an officer's earlier passwords, newest first.

use crate::db::schema::earlier_passwords;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::PasswordHash;
use crate::kernel::ids::AccountId;
use diesel::prelude::*;

/// Returns the newest earlier passwords.
pub fn newest(connection: &mut DbConnection, account: AccountId, count: i64) -> Result<Vec<PasswordHash>, StorageError> {
    let hashes: Vec<String> = earlier_passwords::table
        .filter(earlier_passwords::account_id.eq(account))
        .order(earlier_passwords::id.desc())
        .limit(count)
        .select(earlier_passwords::password_hash)
        .load(connection)?;
    Ok(hashes.into_iter().map(PasswordHash).collect())
}

/// Stores a replaced password and deletes the oldest ones beyond `kept`.
pub fn remember(
    connection: &mut DbConnection,
    account: AccountId,
    replaced: &PasswordHash,
    at: Instant,
    kept: i64,
) -> Result<(), StorageError> {
    diesel::insert_into(earlier_passwords::table)
        .values((
            earlier_passwords::account_id.eq(account),
            earlier_passwords::password_hash.eq(&replaced.0),
            earlier_passwords::replaced_at.eq(at),
        ))
        .execute(connection)?;
    let ids: Vec<i64> = earlier_passwords::table
        .filter(earlier_passwords::account_id.eq(account))
        .order(earlier_passwords::id.desc())
        .limit(kept)
        .select(earlier_passwords::id)
        .load(connection)?;
    let oldest_kept = ids.last().copied().unwrap_or_default();
    let older =
        earlier_passwords::table.filter(earlier_passwords::account_id.eq(account)).filter(earlier_passwords::id.lt(oldest_kept));
    diesel::delete(older).execute(connection)?;
    Ok(())
}
