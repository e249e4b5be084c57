//! Officers whose account was changed by an administrator and waits for confirmation by a colleague.

use crate::db::schema::officer_checks;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::CheckCause;
use crate::kernel::ids::AccountId;
use diesel::prelude::*;

/// The confirmation state of an officer account.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = officer_checks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OfficerConfirmationRow {
    pub account_id: AccountId,
    /// Since when the roles that handle petitions are withheld.
    pub waits_since: Option<Instant>,
    /// What the administrator did.
    pub cause: Option<CheckCause>,
    /// The administrator.
    pub caused_by: Option<AccountId>,
    /// When an administrator set the e-mail; empty once the officer has confirmed it.
    pub email_set_at: Option<Instant>,
}

/// Returns the confirmation state of an account.
pub fn find(connection: &mut DbConnection, account: AccountId) -> Result<OfficerConfirmationRow, StorageError> {
    let known =
        officer_checks::table.find(account).select(OfficerConfirmationRow::as_select()).get_result(connection).optional()?;
    let nothing =
        OfficerConfirmationRow { account_id: account, waits_since: None, cause: None, caused_by: None, email_set_at: None };
    Ok(known.unwrap_or(nothing))
}

/// Inserts or updates the confirmation state.
pub fn put(connection: &mut DbConnection, row: &OfficerConfirmationRow) -> Result<(), StorageError> {
    if diesel::update(officer_checks::table.find(row.account_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(officer_checks::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Returns accounts waiting for confirmation, in the order of row ids, after a row id.
pub fn waiting(connection: &mut DbConnection, after: AccountId, limit: i64) -> Result<Vec<OfficerConfirmationRow>, StorageError> {
    Ok(officer_checks::table
        .filter(officer_checks::waits_since.is_not_null())
        .filter(officer_checks::account_id.gt(after))
        .order(officer_checks::account_id)
        .limit(limit)
        .select(OfficerConfirmationRow::as_select())
        .load(connection)?)
}
