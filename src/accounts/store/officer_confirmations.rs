//! Officers whose account an administrator has had in hand, until somebody vouches for the person.

use crate::db::schema::officer_checks;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::CheckCause;
use crate::kernel::ids::AccountId;
use diesel::prelude::*;

/// How an officer's account stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = officer_checks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OfficerConfirmationRow {
    /// Whose.
    pub account_id: AccountId,
    /// Since when the roles that handle petitions wait.
    pub waits_since: Option<Instant>,
    /// What an administrator did.
    pub cause: Option<CheckCause>,
    /// Which one.
    pub caused_by: Option<AccountId>,
    /// When an administrator set the e-mail, unless the officer has proven it since.
    pub email_set_at: Option<Instant>,
}

/// How an account stands.
pub fn find(connection: &mut DbConnection, account: AccountId) -> Result<OfficerConfirmationRow, StorageError> {
    let known =
        officer_checks::table.find(account).select(OfficerConfirmationRow::as_select()).get_result(connection).optional()?;
    let nothing =
        OfficerConfirmationRow { account_id: account, waits_since: None, cause: None, caused_by: None, email_set_at: None };
    Ok(known.unwrap_or(nothing))
}

/// Stores how an account stands.
pub fn put(connection: &mut DbConnection, row: &OfficerConfirmationRow) -> Result<(), StorageError> {
    if diesel::update(officer_checks::table.find(row.account_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(officer_checks::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Those that wait, the first first, behind a row number.
pub fn waiting(connection: &mut DbConnection, after: AccountId, limit: i64) -> Result<Vec<OfficerConfirmationRow>, StorageError> {
    Ok(officer_checks::table
        .filter(officer_checks::waits_since.is_not_null())
        .filter(officer_checks::account_id.gt(after))
        .order(officer_checks::account_id)
        .limit(limit)
        .select(OfficerConfirmationRow::as_select())
        .load(connection)?)
}
