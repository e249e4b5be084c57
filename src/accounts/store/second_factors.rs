//! Second factors of accounts and the recovery codes that stand in for a lost one.

use crate::db::schema::{recovery_codes, second_factors};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::AccountId;
use diesel::prelude::*;

/// The second factor of an account.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = second_factors, treat_none_as_null = true)]
pub struct SecondFactorRow {
    /// Whose.
    pub account_id: AccountId,
    /// The secret of the codes, sealed.
    pub secret: String,
    /// When it was handed out.
    pub begun_at: Instant,
    /// When the owner has shown to have it; until then it asks for nothing.
    pub confirmed_at: Option<Instant>,
    /// The step of time of the newest code that was used.
    pub last_step: i64,
}

/// The second factor of an account, confirmed or not.
pub fn find(connection: &mut DbConnection, account: AccountId) -> Result<Option<SecondFactorRow>, StorageError> {
    Ok(second_factors::table.find(account).select(SecondFactorRow::as_select()).get_result(connection).optional()?)
}

/// Stores a second factor in the place of the one before.
pub fn put(connection: &mut DbConnection, row: &SecondFactorRow) -> Result<(), StorageError> {
    if diesel::update(second_factors::table.find(row.account_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(second_factors::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// A step that lies this far ahead was used by a clock that has been set back since.
const FAR_AHEAD: i64 = 20;

/// Uses the code of a step up; `false` when it or a later one was used before, so that of two at the same moment only one wins.
pub fn use_step(connection: &mut DbConnection, account: AccountId, step: i64) -> Result<bool, StorageError> {
    let is_unused = second_factors::last_step.lt(step).or(second_factors::last_step.gt(step + FAR_AHEAD));
    let unused = second_factors::table.find(account).filter(is_unused);
    Ok(diesel::update(unused).set(second_factors::last_step.eq(step)).execute(connection)? == 1)
}

/// Takes the second factor and its recovery codes away; `false` when there was none.
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

/// Uses a recovery code up; `false` when it is not one, or not any more.
pub fn use_recovery_code(connection: &mut DbConnection, account: AccountId, hash: &str) -> Result<bool, StorageError> {
    Ok(diesel::delete(recovery_codes::table.find((account, hash))).execute(connection)? == 1)
}

/// How many recovery codes are left.
pub fn count_recovery_codes(connection: &mut DbConnection, account: AccountId) -> Result<i64, StorageError> {
    Ok(recovery_codes::table.filter(recovery_codes::account_id.eq(account)).count().get_result(connection)?)
}
