//! The last day on which each account was used (by day, so at most one write a day), and the query for idle
//! officers.

use crate::db::schema::{account_activity, accounts};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, AccountState};
use crate::kernel::ids::AccountId;
use chrono::NaiveDate;
use diesel::prelude::*;

/// Records that an account is used on a day.
pub fn note(connection: &mut DbConnection, account: AccountId, day: NaiveDate) -> Result<(), StorageError> {
    let known: Option<NaiveDate> =
        account_activity::table.find(account).select(account_activity::last_active_on).get_result(connection).optional()?;
    match known {
        Some(known) if known >= day => {}
        Some(_) => {
            diesel::update(account_activity::table.find(account))
                .set(account_activity::last_active_on.eq(day))
                .execute(connection)?;
        }
        None => {
            diesel::insert_into(account_activity::table)
                .values((account_activity::account_id.eq(account), account_activity::last_active_on.eq(day)))
                .execute(connection)?;
        }
    }
    Ok(())
}

/// Returns the last day on which an account was used.
pub fn last(connection: &mut DbConnection, account: AccountId) -> Result<Option<NaiveDate>, StorageError> {
    Ok(account_activity::table.find(account).select(account_activity::last_active_on).get_result(connection).optional()?)
}

/// Returns active officers not seen since `day` whose account was created before the given time.
pub fn idle_officers(
    connection: &mut DbConnection,
    since: NaiveDate,
    made_before: Instant,
    limit: i64,
) -> Result<Vec<AccountId>, StorageError> {
    Ok(accounts::table
        .left_join(account_activity::table.on(account_activity::account_id.eq(accounts::id)))
        .filter(accounts::kind.eq(AccountKind::Officer))
        .filter(accounts::state.eq(AccountState::Active))
        .filter(accounts::created_at.lt(made_before))
        .filter(account_activity::last_active_on.is_null().or(account_activity::last_active_on.nullable().lt(since)))
        .order(accounts::id)
        .limit(limit)
        .select(accounts::id)
        .load(connection)?)
}
