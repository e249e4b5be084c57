//! One account as it lies in its tables, turned into the domain's [`Account`].

use crate::domain::Instant;
use crate::domain::account::{Account, AccountKind, AccountState, Role};
use crate::domain::ids::{AccountId, AgencyId};
use crate::storage::schema::{account_roles, accounts};
use crate::storage::{DbConnection, StorageError};
use diesel::prelude::*;
use std::collections::HashMap;

/// Every column of an account but the password.
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
    fn with_roles(self, mut roles: Vec<Role>) -> Account {
        roles.sort_unstable();
        Account {
            id: self.id,
            kind: self.kind,
            username: self.username,
            phone: self.phone,
            email: self.email,
            full_name: self.full_name,
            must_change_password: self.must_change_password,
            agency_id: self.agency_id,
            personal_id: self.personal_id,
            company_name: self.company_name,
            tax_code: self.tax_code,
            state: self.state,
            created_at: self.created_at,
            version: self.version,
            roles,
        }
    }
}

/// Adds the roles of all rows with one query.
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
    Ok(rows
        .into_iter()
        .map(|row| {
            let own = roles.remove(&row.id).unwrap_or_default();
            row.with_roles(own)
        })
        .collect())
}

/// Adds the roles of one row.
pub(super) fn complete_one(connection: &mut DbConnection, row: AccountRow) -> Result<Account, StorageError> {
    let roles = account_roles::table.filter(account_roles::account_id.eq(row.id)).select(account_roles::role).load(connection)?;
    Ok(row.with_roles(roles))
}
