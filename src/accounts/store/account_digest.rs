//! The integrity digest of an account: a hash over the columns that decide its rights, written with every change.
//!
//! Encrypted values are not covered: their own authentication detects tampering, and a key change re-encrypts them.

use crate::db::schema::{account_roles, accounts};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::record_digest::FieldHasher;
use diesel::prelude::*;
use std::collections::HashMap;

/// The columns covered by the digest.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct AccountDigestRow {
    id: i64,
    kind: String,
    username: Option<String>,
    full_name: String,
    password_hash: String,
    must_change_password: bool,
    agency_id: Option<i64>,
    state: String,
    created_at: Instant,
    version: i32,
    imprint: Option<String>,
}

impl AccountDigestRow {
    fn fact(&self, roles: &[String]) -> String {
        // The name of an officer is public; other names are encrypted.
        let name = (self.kind == "officer").then_some(&self.full_name);
        let fields = FieldHasher::of("account")
            .text(&self.kind)
            .optional(self.username.as_ref())
            .optional(name)
            .text(&self.password_hash)
            .value(self.must_change_password)
            .optional(self.agency_id)
            .text(&self.state)
            .text(&self.created_at.to_rfc3339())
            .value(self.version);
        roles.iter().fold(fields, |fields, role| fields.text(role)).finish()
    }
}

/// Recomputes and stores the digest of an account.
///
/// # Errors
/// `Missing` when there is no such account.
pub fn renew(connection: &mut DbConnection, id: i64) -> Result<(), StorageError> {
    let row: AccountDigestRow = accounts::table.find(id).select(AccountDigestRow::as_select()).get_result(connection)?;
    let of_account = account_roles::table.filter(account_roles::account_id.eq(id));
    let mut roles: Vec<String> = of_account.select(account_roles::role).load(connection)?;
    roles.sort_unstable();
    diesel::update(accounts::table.find(id)).set(accounts::imprint.eq(row.fact(&roles))).execute(connection)?;
    Ok(())
}

/// Stores the digests of accounts that have none, at most `limit`; returns how many.
pub fn renew_missing(connection: &mut DbConnection, limit: i64) -> Result<usize, StorageError> {
    let bare = accounts::table.filter(accounts::imprint.is_null()).order(accounts::id).limit(limit);
    let ids: Vec<i64> = bare.select(accounts::id).load(connection)?;
    for id in &ids {
        renew(connection, *id)?;
    }
    Ok(ids.len())
}

/// The result of checking one page of accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountDigestCheck {
    /// The last account id of the page.
    pub last: Option<i64>,
    /// How many accounts were checked.
    pub accounts: usize,
    /// Accounts without a digest.
    pub bare: Vec<i64>,
    /// Accounts that do not match their digest.
    pub changed: Vec<i64>,
}

/// Checks the digests of accounts after an id.
pub fn page(connection: &mut DbConnection, after: i64, limit: i64) -> Result<AccountDigestCheck, StorageError> {
    let rows: Vec<AccountDigestRow> = accounts::table
        .filter(accounts::id.gt(after))
        .order(accounts::id)
        .limit(limit)
        .select(AccountDigestRow::as_select())
        .load(connection)?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(AccountDigestCheck::default()) };
    let pairs: Vec<(i64, String)> = account_roles::table
        .filter(account_roles::account_id.gt(after).and(account_roles::account_id.le(last)))
        .order((account_roles::account_id, account_roles::role))
        .load(connection)?;
    let mut roles: HashMap<i64, Vec<String>> = HashMap::new();
    for (account, role) in pairs {
        roles.entry(account).or_default().push(role);
    }
    let mut seen = AccountDigestCheck { last: Some(last), accounts: rows.len(), ..AccountDigestCheck::default() };
    for row in rows {
        let mut own = roles.remove(&row.id).unwrap_or_default();
        // Sorted here, because databases collate texts differently.
        own.sort_unstable();
        match &row.imprint {
            None => seen.bare.push(row.id),
            Some(imprint) if *imprint != row.fact(&own) => seen.changed.push(row.id),
            Some(_) => {}
        }
    }
    Ok(seen)
}
