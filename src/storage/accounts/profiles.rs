//! One account: found, made, changed. Never deleted, because its name stands in timelines.

use super::row::{AccountRow, complete_one};
use crate::domain::Instant;
use crate::domain::account::{Account, AccountKind, AccountState, NewAccount, PasswordHash, Role};
use crate::domain::ids::{AccountId, AgencyId};
use crate::storage::schema::{account_roles, accounts};
use crate::storage::{DbConnection, StorageError};
use diesel::prelude::*;

/// The ways one text may name an account; no two of them can name different accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginName {
    /// As a user name.
    pub username: Option<String>,
    /// As a phone in E.164.
    pub phone: Option<String>,
    /// As an e-mail in lower case.
    pub email: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = accounts)]
struct NewRow<'a> {
    kind: AccountKind,
    username: Option<&'a str>,
    phone: Option<&'a str>,
    email: Option<&'a str>,
    full_name: &'a str,
    password_hash: &'a str,
    must_change_password: bool,
    agency_id: Option<AgencyId>,
    personal_id: Option<&'a str>,
    company_name: Option<&'a str>,
    tax_code: Option<&'a str>,
    state: AccountState,
    created_at: Instant,
    version: i32,
}

/// What changes of an account; the outer `None` leaves a field as it is, the inner one empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = accounts)]
pub struct AccountChanges {
    /// Phone in E.164.
    pub phone: Option<Option<String>>,
    /// E-mail in lower case.
    pub email: Option<Option<String>>,
    /// Full name.
    pub full_name: Option<String>,
    /// The officer's agency.
    pub agency_id: Option<Option<AgencyId>>,
    /// Số định danh cá nhân.
    pub personal_id: Option<Option<String>>,
    /// Name of the business.
    pub company_name: Option<Option<String>>,
    /// Mã số thuế.
    pub tax_code: Option<Option<String>>,
    /// Whether it may sign in.
    pub state: Option<AccountState>,
}

/// The account with the number.
///
/// # Errors
/// [`StorageError::Missing`] when there is none.
pub fn find(connection: &mut DbConnection, id: AccountId) -> Result<Account, StorageError> {
    let row: AccountRow = accounts::table.find(id).select(AccountRow::as_select()).get_result(connection)?;
    complete_one(connection, row)
}

/// The account that the text names, if any, with its hashed password.
///
/// # Errors
/// Those of the database.
pub fn find_by_login(connection: &mut DbConnection, login: &LoginName) -> Result<Option<(Account, PasswordHash)>, StorageError> {
    let columns = (AccountRow::as_select(), accounts::password_hash);
    let mut found: Option<(AccountRow, String)> = None;
    if let Some(username) = &login.username {
        found = accounts::table.filter(accounts::username.eq(username)).select(columns).get_result(connection).optional()?;
    }
    if let (None, Some(phone)) = (&found, &login.phone) {
        found = accounts::table.filter(accounts::phone.eq(phone)).select(columns).get_result(connection).optional()?;
    }
    if let (None, Some(email)) = (&found, &login.email) {
        found = accounts::table.filter(accounts::email.eq(email)).select(columns).get_result(connection).optional()?;
    }
    let Some((row, hash)) = found else { return Ok(None) };
    Ok(Some((complete_one(connection, row)?, PasswordHash(hash))))
}

/// The hashed password of an account.
///
/// # Errors
/// [`StorageError::Missing`] when there is no such account.
pub fn password_of(connection: &mut DbConnection, id: AccountId) -> Result<PasswordHash, StorageError> {
    Ok(PasswordHash(accounts::table.find(id).select(accounts::password_hash).get_result(connection)?))
}

/// Stores a new account with its roles.
///
/// # Errors
/// [`StorageError::Conflict`] with the constraint of the user name, phone or e-mail that another account has.
pub fn insert(connection: &mut DbConnection, account: &NewAccount) -> Result<AccountId, StorageError> {
    let row = NewRow {
        kind: account.kind,
        username: account.username.as_deref(),
        phone: account.phone.as_deref(),
        email: account.email.as_deref(),
        full_name: &account.full_name,
        password_hash: &account.password.0,
        must_change_password: account.must_change_password,
        agency_id: account.agency_id,
        personal_id: account.personal_id.as_deref(),
        company_name: account.company_name.as_deref(),
        tax_code: account.tax_code.as_deref(),
        state: AccountState::Active,
        created_at: account.created_at,
        version: 1,
    };
    let id = diesel::insert_into(accounts::table).values(&row).returning(accounts::id).get_result(connection)?;
    insert_roles(connection, id, &account.roles)?;
    Ok(id)
}

/// Changes an account that still has the version; `false` when somebody was faster.
///
/// # Errors
/// [`StorageError::Conflict`] as for [`insert`].
pub fn change(
    connection: &mut DbConnection,
    id: AccountId,
    version: i32,
    changes: &AccountChanges,
    roles: Option<&[Role]>,
) -> Result<bool, StorageError> {
    let unchanged = accounts::table.filter(accounts::id.eq(id)).filter(accounts::version.eq(version));
    let next = accounts::version.eq(version.saturating_add(1));
    if diesel::update(unchanged).set((changes, next)).execute(connection)? == 0 {
        return Ok(false);
    }
    if let Some(roles) = roles {
        diesel::delete(account_roles::table.filter(account_roles::account_id.eq(id))).execute(connection)?;
        insert_roles(connection, id, roles)?;
    }
    Ok(true)
}

/// Replaces the password; `must_change` when somebody else knows the new one.
///
/// # Errors
/// [`StorageError::Missing`] when there is no such account.
pub fn set_password(
    connection: &mut DbConnection,
    id: AccountId,
    password: &PasswordHash,
    must_change: bool,
) -> Result<(), StorageError> {
    let changed = diesel::update(accounts::table.find(id))
        .set((
            accounts::password_hash.eq(&password.0),
            accounts::must_change_password.eq(must_change),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(connection)?;
    if changed == 0 { Err(StorageError::Missing) } else { Ok(()) }
}

fn insert_roles(connection: &mut DbConnection, id: AccountId, roles: &[Role]) -> Result<(), StorageError> {
    for role in roles {
        diesel::insert_into(account_roles::table)
            .values((account_roles::account_id.eq(id), account_roles::role.eq(*role)))
            .execute(connection)?;
    }
    Ok(())
}
