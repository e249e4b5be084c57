//! Finds, inserts and updates single accounts. Accounts are never deleted, because timelines refer to their names.

use super::account_digest;
use super::row::{AccountRow, complete_one};
use super::unverified_contacts;
use crate::db::schema::{account_roles, accounts};
use crate::db::vault::{self, LookupKind, SealedColumn};
use crate::db::{Constraint, DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, AccountState, ContactKind, NewAccount, PasswordHash, Role};
use crate::kernel::ids::{AccountId, AgencyId};
use diesel::prelude::*;

/// How a text may identify an account; no two readings can identify different accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginName {
    pub username: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// E-mail in lower case.
    pub email: Option<String>,
}

/// The columns of a new account that are not encrypted for its row id.
#[derive(Insertable)]
#[diesel(table_name = accounts)]
struct NewAccountRow<'a> {
    kind: AccountKind,
    username: Option<&'a str>,
    phone_hash: Option<String>,
    email_hash: Option<String>,
    full_name: &'a str,
    password_hash: &'a str,
    must_change_password: bool,
    agency_id: Option<AgencyId>,
    state: AccountState,
    created_at: Instant,
    version: i32,
}

/// The changed columns of a row.
#[derive(Default, AsChangeset)]
#[diesel(table_name = accounts)]
struct SealedAccountChanges {
    phone: Option<Option<String>>,
    phone_hash: Option<Option<String>>,
    email: Option<Option<String>>,
    email_hash: Option<Option<String>>,
    full_name: Option<String>,
    agency_id: Option<Option<AgencyId>>,
    personal_id: Option<Option<String>>,
    company_name: Option<Option<String>>,
    tax_code: Option<Option<String>>,
    state: Option<AccountState>,
}

impl SealedAccountChanges {
    fn seal(id: AccountId, kind: AccountKind, changes: &AccountChanges) -> Result<Self, StorageError> {
        let seal = |place: SealedColumn, value: Option<&Option<String>>| {
            value.map(|value| vault::seal_some(place, id, value.as_deref())).transpose()
        };
        let hash = |kind: LookupKind, value: Option<&Option<String>>| {
            value.map(|value| vault::hash_some(kind, value.as_deref())).transpose()
        };
        Ok(Self {
            phone: seal(SealedColumn::ACCOUNT_PHONE, changes.phone.as_ref())?,
            phone_hash: hash(LookupKind::Phone, changes.phone.as_ref())?,
            email: seal(SealedColumn::ACCOUNT_EMAIL, changes.email.as_ref())?,
            email_hash: hash(LookupKind::Email, changes.email.as_ref())?,
            full_name: match (&changes.full_name, kind) {
                (Some(name), AccountKind::Citizen | AccountKind::Business) => {
                    Some(vault::seal(SealedColumn::ACCOUNT_NAME, id, name)?)
                }
                (name, _) => name.clone(),
            },
            agency_id: changes.agency_id,
            personal_id: seal(SealedColumn::ACCOUNT_PERSONAL_ID, changes.personal_id.as_ref())?,
            company_name: seal(SealedColumn::ACCOUNT_COMPANY, changes.company_name.as_ref())?,
            tax_code: seal(SealedColumn::ACCOUNT_TAX_CODE, changes.tax_code.as_ref())?,
            state: changes.state,
        })
    }
}

/// Changes to an account; the outer `None` leaves a field unchanged, the inner one clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// Phone in E.164.
    pub phone: Option<Option<String>>,
    /// E-mail in lower case.
    pub email: Option<Option<String>>,
    pub full_name: Option<String>,
    pub agency_id: Option<Option<AgencyId>>,
    /// Số định danh cá nhân (personal identification number).
    pub personal_id: Option<Option<String>>,
    pub company_name: Option<Option<String>>,
    /// Mã số thuế (tax code).
    pub tax_code: Option<Option<String>>,
    pub state: Option<AccountState>,
}

/// Returns the account with this id.
///
/// # Errors
/// [`StorageError::Missing`] when there is none.
pub fn find(connection: &mut DbConnection, id: AccountId) -> Result<Account, StorageError> {
    let row: AccountRow = accounts::table.find(id).select(AccountRow::as_select()).get_result(connection)?;
    complete_one(connection, row)
}

/// Returns the account that the text identifies, with its password hash; for an unconfirmed contact, the last
/// account that registered with it.
pub fn find_by_login(connection: &mut DbConnection, login: &LoginName) -> Result<Option<(Account, PasswordHash)>, StorageError> {
    let columns = (AccountRow::as_select(), accounts::password_hash);
    let mut found: Option<(AccountRow, String)> = None;
    if let Some(username) = &login.username {
        found = accounts::table.filter(accounts::username.eq(username)).select(columns).get_result(connection).optional()?;
    }
    if let (None, Some(phone)) = (&found, &login.phone) {
        found = accounts::table
            .filter(accounts::phone_hash.eq_any(vault::hashes(LookupKind::Phone, phone)?))
            .select(columns)
            .get_result(connection)
            .optional()?;
    }
    if let (None, Some(email)) = (&found, &login.email) {
        found = accounts::table
            .filter(accounts::email_hash.eq_any(vault::hashes(LookupKind::Email, email)?))
            .select(columns)
            .get_result(connection)
            .optional()?;
    }
    if let Some((row, hash)) = found {
        return Ok(Some((complete_one(connection, row)?, PasswordHash(hash))));
    }
    let Some(claimant) = claimants(connection, login)?.into_iter().next() else { return Ok(None) };
    Ok(Some((find(connection, claimant.id)?, claimant.password)))
}

/// What a sign-in needs to know of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub id: AccountId,
    pub kind: AccountKind,
    pub password: PasswordHash,
    pub state: AccountState,
}

/// Returns the credentials of a login name. The same statements run whether or not the account exists.
pub fn credentials(connection: &mut DbConnection, login: &LoginName) -> Result<Option<Credentials>, StorageError> {
    let columns = (accounts::id, accounts::kind, accounts::password_hash, accounts::state);
    let mut found: Option<(AccountId, AccountKind, String, AccountState)> = None;
    if let Some(username) = &login.username {
        found = accounts::table.filter(accounts::username.eq(username)).select(columns).get_result(connection).optional()?;
    }
    if let Some(phone) = &login.phone {
        let by_phone = accounts::table
            .filter(accounts::phone_hash.eq_any(vault::hashes(LookupKind::Phone, phone)?))
            .select(columns)
            .get_result(connection)
            .optional()?;
        found = found.or(by_phone);
    }
    if let Some(email) = &login.email {
        let by_email = accounts::table
            .filter(accounts::email_hash.eq_any(vault::hashes(LookupKind::Email, email)?))
            .select(columns)
            .get_result(connection)
            .optional()?;
        found = found.or(by_email);
    }
    Ok(found.map(|(id, kind, hash, state)| Credentials { id, kind, password: PasswordHash(hash), state }))
}

/// Returns the accounts registered with an unconfirmed contact. The same statements run whether or not there are
/// any.
pub fn claimants(connection: &mut DbConnection, login: &LoginName) -> Result<Vec<Credentials>, StorageError> {
    let mut found = Vec::new();
    for (kind, value) in [(ContactKind::Phone, &login.phone), (ContactKind::Email, &login.email)] {
        if let Some(value) = value {
            found.append(&mut unverified_contacts::claimants(connection, kind, value)?);
        }
    }
    Ok(found)
}

/// Returns the account that has confirmed a contact.
pub fn owner_of(connection: &mut DbConnection, kind: ContactKind, value: &str) -> Result<Option<AccountId>, StorageError> {
    let found: Result<AccountId, diesel::result::Error> = match kind {
        ContactKind::Phone => accounts::table
            .filter(accounts::phone_hash.eq_any(vault::hashes(LookupKind::Phone, value)?))
            .select(accounts::id)
            .first(connection),
        ContactKind::Email => accounts::table
            .filter(accounts::email_hash.eq_any(vault::hashes(LookupKind::Email, value)?))
            .select(accounts::id)
            .first(connection),
    };
    Ok(found.optional()?)
}

/// Returns the password hash of an account.
///
/// # Errors
/// [`StorageError::Missing`] when there is no such account.
pub fn password_of(connection: &mut DbConnection, id: AccountId) -> Result<PasswordHash, StorageError> {
    Ok(PasswordHash(accounts::table.find(id).select(accounts::password_hash).get_result(connection)?))
}

/// Inserts a new account with its roles.
///
/// # Errors
/// [`StorageError::Conflict`] with the constraint of the user name, phone or e-mail that is taken.
pub fn insert(connection: &mut DbConnection, account: &NewAccount) -> Result<AccountId, StorageError> {
    let is_officer = account.kind == AccountKind::Officer;
    refuse_taken(connection, None, account.phone.as_deref(), account.email.as_deref())?;
    let row = NewAccountRow {
        kind: account.kind,
        username: account.username.as_deref(),
        phone_hash: vault::hash_some(LookupKind::Phone, account.phone.as_deref())?,
        email_hash: vault::hash_some(LookupKind::Email, account.email.as_deref())?,
        full_name: if is_officer { &account.full_name } else { "" },
        password_hash: &account.password.0,
        must_change_password: account.must_change_password,
        agency_id: account.agency_id,
        state: AccountState::Active,
        created_at: account.created_at,
        version: 1,
    };
    let id = diesel::insert_into(accounts::table).values(&row).returning(accounts::id).get_result(connection)?;
    // Encrypted values are bound to the row id, which is known only now.
    let person = AccountChanges {
        phone: Some(account.phone.clone()),
        email: Some(account.email.clone()),
        full_name: Some(account.full_name.clone()),
        personal_id: Some(account.personal_id.clone()),
        company_name: Some(account.company_name.clone()),
        tax_code: Some(account.tax_code.clone()),
        ..AccountChanges::default()
    };
    let sealed = SealedAccountChanges::seal(id, account.kind, &person)?;
    diesel::update(accounts::table.find(id)).set(&sealed).execute(connection)?;
    insert_roles(connection, id, &account.roles)?;
    account_digest::renew(connection, id.0)?;
    Ok(id)
}

/// Updates an account if it still has this version; returns `false` otherwise.
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
    let kind: Option<AccountKind> = unchanged.select(accounts::kind).get_result(connection).optional()?;
    let Some(kind) = kind else { return Ok(false) };
    let new = |value: &Option<Option<String>>| value.clone().flatten();
    refuse_taken(connection, Some(id), new(&changes.phone).as_deref(), new(&changes.email).as_deref())?;
    let sealed = SealedAccountChanges::seal(id, kind, changes)?;
    let next = accounts::version.eq(version.saturating_add(1));
    if diesel::update(unchanged).set((&sealed, next)).execute(connection)? == 0 {
        return Ok(false);
    }
    if let Some(roles) = roles {
        diesel::delete(account_roles::table.filter(account_roles::account_id.eq(id))).execute(connection)?;
        insert_roles(connection, id, roles)?;
    }
    account_digest::renew(connection, id.0)?;
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
    if changed == 0 { Err(StorageError::Missing) } else { account_digest::renew(connection, id.0) }
}

/// Refuses a phone or e-mail that another account holds under an earlier key; under the current key the unique
/// index detects it.
fn refuse_taken(
    connection: &mut DbConnection,
    own: Option<AccountId>,
    phone: Option<&str>,
    email: Option<&str>,
) -> Result<(), StorageError> {
    let own = own.unwrap_or(AccountId(0));
    if let Some(phone) = phone {
        let earlier = vault::hashes(LookupKind::Phone, phone)?.into_iter().skip(1).collect::<Vec<_>>();
        let others = accounts::table.filter(accounts::phone_hash.eq_any(earlier.clone())).filter(accounts::id.ne(own));
        if !earlier.is_empty() && others.count().get_result::<i64>(connection)? > 0 {
            return Err(StorageError::Conflict(Constraint::AccountPhone));
        }
    }
    if let Some(email) = email {
        let earlier = vault::hashes(LookupKind::Email, email)?.into_iter().skip(1).collect::<Vec<_>>();
        let others = accounts::table.filter(accounts::email_hash.eq_any(earlier.clone())).filter(accounts::id.ne(own));
        if !earlier.is_empty() && others.count().get_result::<i64>(connection)? > 0 {
            return Err(StorageError::Conflict(Constraint::AccountEmail));
        }
    }
    Ok(())
}

fn insert_roles(connection: &mut DbConnection, id: AccountId, roles: &[Role]) -> Result<(), StorageError> {
    for role in roles {
        diesel::insert_into(account_roles::table)
            .values((account_roles::account_id.eq(id), account_roles::role.eq(*role)))
            .execute(connection)?;
    }
    Ok(())
}
