//! Second factors of accounts, and their recovery codes.

use crate::db::schema::{recovery_codes, second_factors};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::AccountId;
use diesel::prelude::*;

/// The second factor of an account.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = second_factors, treat_none_as_null = true)]
pub struct SecondFactorRow {
    pub account_id: AccountId,
    /// The TOTP secret, encrypted.
    pub secret: String,
    /// When the secret was issued.
    pub begun_at: Instant,
    /// When it was confirmed; until then no code is required.
    pub confirmed_at: Option<Instant>,
    /// The time step of the newest used code.
    pub last_step: i64,
}

/// Returns the second factor of an account, confirmed or not.
pub fn find(connection: &mut DbConnection, account: AccountId) -> Result<Option<SecondFactorRow>, StorageError> {
    Ok(second_factors::table.find(account).select(SecondFactorRow::as_select()).get_result(connection).optional()?)
}

/// Inserts or replaces a second factor.
pub fn put(connection: &mut DbConnection, row: &SecondFactorRow) -> Result<(), StorageError> {
    if diesel::update(second_factors::table.find(row.account_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(second_factors::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// A stored step further ahead than this was written before the clock was set back.
const FAR_AHEAD: i64 = 20;

/// Marks the code of a time step as used; returns `false` when it or a later one was used before, so of two
/// concurrent requests only one succeeds.
pub fn use_step(connection: &mut DbConnection, account: AccountId, step: i64) -> Result<bool, StorageError> {
    let is_unused = second_factors::last_step.lt(step).or(second_factors::last_step.gt(step + FAR_AHEAD));
    let unused = second_factors::table.find(account).filter(is_unused);
    Ok(diesel::update(unused).set(second_factors::last_step.eq(step)).execute(connection)? == 1)
}

/// Deletes the second factor and its recovery codes; returns `false` when there was none.
pub fn remove(connection: &mut DbConnection, account: AccountId) -> Result<bool, StorageError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account))).execute(connection)?;
    Ok(diesel::delete(second_factors::table.find(account)).execute(connection)? == 1)
}

/// Replaces the recovery codes.
pub fn put_recovery_codes(connection: &mut DbConnection, account: AccountId, hashes: &[String]) -> Result<(), StorageError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account))).execute(connection)?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((recovery_codes::account_id.eq(account), recovery_codes::code_hash.eq(hash)))
            .execute(connection)?;
    }
    Ok(())
}

/// Consumes a recovery code; returns `false` when it is invalid or already used.
pub fn use_recovery_code(connection: &mut DbConnection, account: AccountId, hash: &str) -> Result<bool, StorageError> {
    Ok(diesel::delete(recovery_codes::table.find((account, hash))).execute(connection)? == 1)
}

/// Counts the remaining recovery codes.
pub fn count_recovery_codes(connection: &mut DbConnection, account: AccountId) -> Result<i64, StorageError> {
    Ok(recovery_codes::table.filter(recovery_codes::account_id.eq(account)).count().get_result(connection)?)
}
