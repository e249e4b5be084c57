//! The row of an account, and its conversion to the domain's [`Account`].

use super::unverified_contacts;
use crate::db::schema::{account_roles, accounts, officer_checks, second_factors};
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, AccountState, Role, UnverifiedContact};
use crate::kernel::ids::{AccountId, AgencyId};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// Every column of an account except the password.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub(super) struct AccountRow {
    id: AccountId,
    kind: AccountKind,
    username: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    full_name: String,
    must_change_password: bool,
    agency_id: Option<AgencyId>,
    personal_id: Option<String>,
    company_name: Option<String>,
    tax_code: Option<String>,
    state: AccountState,
    created_at: Instant,
    version: i32,
}

impl AccountRow {
    fn with(self, beside: AccountRelations) -> Result<Account, StorageError> {
        let AccountRelations { mut roles, has_second_factor, claims, waits_since } = beside;
        roles.sort_unstable();
        let open = |place: SealedColumn, sealed: Option<&String>| vault::open_some(place, self.id, sealed.map(String::as_str));
        Ok(Account {
            id: self.id,
            kind: self.kind,
            username: self.username,
            phone: open(SealedColumn::ACCOUNT_PHONE, self.phone.as_ref())?,
            email: open(SealedColumn::ACCOUNT_EMAIL, self.email.as_ref())?,
            full_name: match self.kind {
                AccountKind::Officer => self.full_name,
                AccountKind::Citizen | AccountKind::Business => {
                    vault::open(SealedColumn::ACCOUNT_NAME, self.id, &self.full_name)?
                }
            },
            must_change_password: self.must_change_password,
            has_second_factor,
            agency_id: self.agency_id,
            personal_id: open(SealedColumn::ACCOUNT_PERSONAL_ID, self.personal_id.as_ref())?,
            company_name: open(SealedColumn::ACCOUNT_COMPANY, self.company_name.as_ref())?,
            tax_code: open(SealedColumn::ACCOUNT_TAX_CODE, self.tax_code.as_ref())?,
            state: self.state,
            created_at: self.created_at,
            version: self.version,
            roles,
            claims,
            waits_since,
        })
    }
}

/// The related rows of accounts in other tables.
struct AccountRelations {
    roles: Vec<Role>,
    has_second_factor: bool,
    claims: Vec<UnverifiedContact>,
    waits_since: Option<Instant>,
}

/// Loads the roles, second factors, claims and confirmations of all rows with one query each.
pub(super) fn complete(connection: &mut DbConnection, rows: Vec<AccountRow>) -> Result<Vec<Account>, StorageError> {
    let ids: Vec<AccountId> = rows.iter().map(|row| row.id).collect();
    let pairs: Vec<(AccountId, Role)> = account_roles::table
        .filter(account_roles::account_id.eq_any(ids))
        .select((account_roles::account_id, account_roles::role))
        .load(connection)?;
    let mut roles: HashMap<AccountId, Vec<Role>> = HashMap::new();
    for (id, role) in pairs {
        roles.entry(id).or_default().push(role);
    }
    let ids: Vec<AccountId> = rows.iter().map(|row| row.id).collect();
    let confirmed: HashSet<AccountId> = second_factors::table
        .filter(second_factors::account_id.eq_any(ids))
        .filter(second_factors::confirmed_at.is_not_null())
        .select(second_factors::account_id)
        .load(connection)?
        .into_iter()
        .collect();
    let ids: Vec<AccountId> = rows.iter().map(|row| row.id).collect();
    let mut claims = unverified_contacts::of_accounts(connection, &ids)?;
    let waiting: HashMap<AccountId, Instant> = officer_checks::table
        .filter(officer_checks::account_id.eq_any(ids))
        .filter(officer_checks::waits_since.is_not_null())
        .select((officer_checks::account_id, officer_checks::waits_since.assume_not_null()))
        .load::<(AccountId, Instant)>(connection)?
        .into_iter()
        .collect();
    rows.into_iter()
        .map(|row| {
            let beside = AccountRelations {
                roles: roles.remove(&row.id).unwrap_or_default(),
                has_second_factor: confirmed.contains(&row.id),
                claims: claims.remove(&row.id).unwrap_or_default(),
                waits_since: waiting.get(&row.id).copied(),
            };
            row.with(beside)
        })
        .collect()
}

/// Like [`complete`], for one row.
pub(super) fn complete_one(connection: &mut DbConnection, row: AccountRow) -> Result<Account, StorageError> {
    complete(connection, vec![row])?.pop().ok_or(StorageError::Missing)
}
