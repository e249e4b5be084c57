//! Queries over officers; petitioners never appear in them.

use super::account_digest;
use super::row::{AccountRow, complete};
use crate::db::schema::{account_roles, accounts};
use crate::db::vault::{self, LookupKind, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::kernel::account::{Account, AccountKind, AccountState, Role};
use crate::kernel::ids::{AccountId, AgencyId};
use diesel::dsl::count_star;
use diesel::prelude::*;

/// Maximum bind values per query; SQLite limits their number.
const VALUES_AT_ONCE: usize = 500;

/// Filter of the officer list; `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficerFilter {
    /// In one of these agencies.
    pub agencies: Option<Vec<AgencyId>>,
    pub role: Option<Role>,
    pub state: Option<AccountState>,
}

/// Returns officers after a row id, ordered by row id, so that paging is stable under inserts.
pub fn list(
    connection: &mut DbConnection,
    filter: &OfficerFilter,
    after: AccountId,
    limit: i64,
) -> Result<Vec<Account>, StorageError> {
    let mut query = accounts::table
        .filter(accounts::kind.eq(AccountKind::Officer))
        .filter(accounts::id.gt(after))
        .order(accounts::id)
        .limit(limit)
        .select(AccountRow::as_select())
        .into_boxed();
    if let Some(agencies) = &filter.agencies {
        query = query.filter(accounts::agency_id.eq_any(agencies.clone()));
    }
    if let Some(state) = filter.state {
        query = query.filter(accounts::state.eq(state));
    }
    if let Some(role) = filter.role {
        let holders = account_roles::table.filter(account_roles::role.eq(role)).select(account_roles::account_id);
        query = query.filter(accounts::id.eq_any(holders));
    }
    let rows = query.load(connection)?;
    complete(connection, rows)
}

/// Returns the existing officers with these user names.
pub fn with_usernames(connection: &mut DbConnection, usernames: &[String]) -> Result<Vec<Account>, StorageError> {
    let mut found = Vec::new();
    // PostgreSQL refuses texts with a NUL, and no user name contains one.
    let possible: Vec<&String> = usernames.iter().filter(|name| !name.contains('\0')).collect();
    for part in possible.chunks(VALUES_AT_ONCE) {
        let rows =
            accounts::table.filter(accounts::username.eq_any(part.to_vec())).select(AccountRow::as_select()).load(connection)?;
        found.append(&mut complete(connection, rows)?);
    }
    Ok(found)
}

/// Returns which of these e-mails are taken, and by whom.
pub fn owners_of_emails(
    connection: &mut DbConnection,
    emails: &[String],
) -> Result<Vec<(Option<String>, AccountId)>, StorageError> {
    let mut owners = Vec::new();
    for part in emails.chunks(VALUES_AT_ONCE) {
        let mut hashes = Vec::new();
        for email in part {
            hashes.append(&mut vault::hashes(LookupKind::Email, email)?);
        }
        for some in hashes.chunks(VALUES_AT_ONCE) {
            let found: Vec<(Option<String>, AccountId)> = accounts::table
                .filter(accounts::email_hash.eq_any(some.to_vec()))
                .select((accounts::email, accounts::id))
                .load(connection)?;
            for (sealed, id) in found {
                owners.push((vault::open_some(SealedColumn::ACCOUNT_EMAIL, id, sealed.as_deref())?, id));
            }
        }
    }
    Ok(owners)
}

/// Counts the officers of each agency, whether active or not.
pub fn count_by_agency(connection: &mut DbConnection) -> Result<Vec<(AgencyId, i64)>, StorageError> {
    Ok(accounts::table
        .filter(accounts::kind.eq(AccountKind::Officer))
        .filter(accounts::agency_id.is_not_null())
        .group_by(accounts::agency_id)
        .select((accounts::agency_id.assume_not_null(), count_star()))
        .load(connection)?)
}

/// Moves all officers of an agency to another one; their roles stay.
pub fn move_all(connection: &mut DbConnection, from: AgencyId, to: AgencyId) -> Result<usize, StorageError> {
    let officers = || accounts::table.filter(accounts::kind.eq(AccountKind::Officer)).filter(accounts::agency_id.eq(from));
    let ids: Vec<i64> = officers().select(accounts::id).load(connection)?;
    let moved = diesel::update(officers())
        .set((accounts::agency_id.eq(to), accounts::version.eq(accounts::version + 1)))
        .execute(connection)?;
    for id in ids {
        account_digest::renew(connection, id)?;
    }
    Ok(moved)
}
