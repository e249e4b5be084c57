//! Claims: contacts that account holders have entered but not yet confirmed with a code.
//!
//! Rule: a claim blocks nobody else; the contact in `accounts` is confirmed and unique.

use super::profiles::Credentials;
use crate::db::schema::{accounts, claimed_contacts};
use crate::db::vault::{self, LookupKind, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, AccountState, ContactKind, PasswordHash, UnverifiedContact};
use crate::kernel::ids::{AccountId, AccountMessageId, UnverifiedContactId};
use diesel::prelude::*;
use std::collections::HashMap;

/// Of the accounts registered with one contact, how many of the first and of the last may sign in with it.
const KNOWN_AT_EITHER_END: usize = 2;
/// Maximum claims of one contact that are read.
const MOST_CLAIMANTS: i64 = 200;

/// The row of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedContactRow {
    pub id: UnverifiedContactId,
    pub account_id: AccountId,
    /// Phone or e-mail.
    pub kind: ContactKind,
    pub value: String,
    /// Whether the account was registered with it.
    pub opens_account: bool,
    /// The message with the newest code.
    pub message_id: Option<AccountMessageId>,
    /// Wrong codes since then.
    pub tries: i32,
}

type UnverifiedContactColumns = (UnverifiedContactId, AccountId, ContactKind, String, bool, Option<AccountMessageId>, i32);

const fn place(kind: ContactKind) -> (SealedColumn, LookupKind) {
    match kind {
        ContactKind::Phone => (SealedColumn::CLAIMED_PHONE, LookupKind::Phone),
        ContactKind::Email => (SealedColumn::CLAIMED_EMAIL, LookupKind::Email),
    }
}

fn opened(
    (id, account_id, kind, sealed, opens_account, message_id, tries): UnverifiedContactColumns,
) -> Result<UnverifiedContactRow, StorageError> {
    let value = vault::open(place(kind).0, id, &sealed)?;
    Ok(UnverifiedContactRow { id, account_id, kind, value, opens_account, message_id, tries })
}

/// Inserts a claim, replacing the earlier one of the same sort.
pub fn put(
    connection: &mut DbConnection,
    account: AccountId,
    claim: &UnverifiedContact,
    now: Instant,
) -> Result<UnverifiedContactId, StorageError> {
    let same = claimed_contacts::table
        .filter(claimed_contacts::account_id.eq(account))
        .filter(claimed_contacts::kind.eq(claim.kind))
        .filter(claimed_contacts::opens_account.eq(claim.opens_account));
    diesel::delete(same).execute(connection)?;
    let (place, lookup) = place(claim.kind);
    let values = (
        claimed_contacts::account_id.eq(account),
        claimed_contacts::kind.eq(claim.kind),
        claimed_contacts::value.eq(""),
        claimed_contacts::value_hash.eq(vault::hash(lookup, &claim.value)?),
        claimed_contacts::opens_account.eq(claim.opens_account),
        claimed_contacts::claimed_at.eq(now),
        claimed_contacts::tries.eq(0),
    );
    let id: UnverifiedContactId =
        diesel::insert_into(claimed_contacts::table).values(values).returning(claimed_contacts::id).get_result(connection)?;
    // Encrypted values are bound to the row id, which is known only now.
    let sealed = vault::seal(place, id, &claim.value)?;
    diesel::update(claimed_contacts::table.find(id)).set(claimed_contacts::value.eq(sealed)).execute(connection)?;
    Ok(id)
}

/// Returns the claims of an account, oldest first.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<UnverifiedContactRow>, StorageError> {
    let own = claimed_contacts::table.filter(claimed_contacts::account_id.eq(account)).order(claimed_contacts::id);
    let rows: Vec<UnverifiedContactColumns> = own
        .select((
            claimed_contacts::id,
            claimed_contacts::account_id,
            claimed_contacts::kind,
            claimed_contacts::value,
            claimed_contacts::opens_account,
            claimed_contacts::message_id,
            claimed_contacts::tries,
        ))
        .load(connection)?;
    rows.into_iter().map(opened).collect()
}

/// Returns the claims of several accounts.
pub(super) fn of_accounts(
    connection: &mut DbConnection,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Vec<UnverifiedContact>>, StorageError> {
    let rows: Vec<(UnverifiedContactId, AccountId, ContactKind, String, bool)> = claimed_contacts::table
        .filter(claimed_contacts::account_id.eq_any(ids.to_vec()))
        .order(claimed_contacts::id)
        .select((
            claimed_contacts::id,
            claimed_contacts::account_id,
            claimed_contacts::kind,
            claimed_contacts::value,
            claimed_contacts::opens_account,
        ))
        .load(connection)?;
    let mut claims: HashMap<AccountId, Vec<UnverifiedContact>> = HashMap::new();
    for (id, account, kind, sealed, opens_account) in rows {
        let value = vault::open(place(kind).0, id, &sealed)?;
        claims.entry(account).or_default().push(UnverifiedContact { kind, value, opens_account });
    }
    Ok(claims)
}

/// Returns the accounts registered with an unconfirmed contact that may sign in with it. The first and the last of
/// them are kept: later registrations cannot push out earlier ones, and earlier ones cannot block later ones.
pub fn claimants(connection: &mut DbConnection, kind: ContactKind, value: &str) -> Result<Vec<Credentials>, StorageError> {
    let rows: Vec<(AccountId, AccountKind, String, AccountState)> = claimed_contacts::table
        .inner_join(accounts::table.on(accounts::id.eq(claimed_contacts::account_id)))
        .filter(claimed_contacts::value_hash.eq_any(vault::hashes(place(kind).1, value)?))
        .filter(claimed_contacts::kind.eq(kind))
        .filter(claimed_contacts::opens_account.eq(true))
        .order(claimed_contacts::id.desc())
        .limit(MOST_CLAIMANTS)
        .select((accounts::id, accounts::kind, accounts::password_hash, accounts::state))
        .load(connection)?;
    let last = rows.len().saturating_sub(KNOWN_AT_EITHER_END);
    let at_an_end = |place: usize| place < KNOWN_AT_EITHER_END || place >= last;
    let found = rows.into_iter().enumerate().filter(|(place, _)| at_an_end(*place)).map(|(_, row)| row);
    Ok(found.map(|(id, kind, hash, state)| Credentials { id, kind, password: PasswordHash(hash), state }).collect())
}

/// Returns the petitioner accounts that claim a contact, even if they have confirmed another one, with the time of
/// their registration.
pub fn accounts_claiming(
    connection: &mut DbConnection,
    kind: ContactKind,
    value: &str,
) -> Result<Vec<(AccountId, Instant)>, StorageError> {
    let mut found: Vec<(AccountId, Instant)> = claimed_contacts::table
        .inner_join(accounts::table.on(accounts::id.eq(claimed_contacts::account_id)))
        .filter(claimed_contacts::value_hash.eq_any(vault::hashes(place(kind).1, value)?))
        .filter(claimed_contacts::kind.eq(kind))
        .filter(accounts::kind.ne(AccountKind::Officer))
        .order(accounts::id)
        .select((accounts::id, accounts::created_at))
        .load(connection)?;
    // One account may claim a contact twice: at registration and as a new contact.
    found.dedup();
    Ok(found)
}

/// Stores which message carries the newest code of a claim.
pub fn note_code(connection: &mut DbConnection, id: UnverifiedContactId, message: AccountMessageId) -> Result<(), StorageError> {
    diesel::update(claimed_contacts::table.find(id))
        .set((claimed_contacts::message_id.eq(message), claimed_contacts::tries.eq(0)))
        .execute(connection)?;
    Ok(())
}

/// Counts an attempt for the codes of an account, before the code is checked, so concurrent attempts are all
/// counted.
pub fn note_try(connection: &mut DbConnection, account: AccountId) -> Result<(), StorageError> {
    let own = claimed_contacts::table.filter(claimed_contacts::account_id.eq(account));
    diesel::update(own).set(claimed_contacts::tries.eq(claimed_contacts::tries + 1)).execute(connection)?;
    Ok(())
}

/// Deletes the claims of one kind of an account.
pub fn drop_own(connection: &mut DbConnection, account: AccountId, kind: ContactKind) -> Result<usize, StorageError> {
    let own = claimed_contacts::table.filter(claimed_contacts::account_id.eq(account)).filter(claimed_contacts::kind.eq(kind));
    Ok(diesel::delete(own).execute(connection)?)
}

/// Deletes all claims of a contact, because somebody has confirmed it.
pub fn drop_of_value(connection: &mut DbConnection, kind: ContactKind, value: &str) -> Result<usize, StorageError> {
    let hashes = vault::hashes(place(kind).1, value)?;
    let same =
        claimed_contacts::table.filter(claimed_contacts::value_hash.eq_any(hashes)).filter(claimed_contacts::kind.eq(kind));
    Ok(diesel::delete(same).execute(connection)?)
}

/// Deletes every claim of an account.
pub fn drop_all(connection: &mut DbConnection, account: AccountId) -> Result<usize, StorageError> {
    Ok(diesel::delete(claimed_contacts::table.filter(claimed_contacts::account_id.eq(account))).execute(connection)?)
}
