//! Contact preferences of accounts, unsubscribed addresses, and the daily message counters.

use crate::db::schema::{contact_preferences, recipient_days, unsubscribed_addresses};
use crate::db::vault::{self, LookupKind, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::AccountId;
use crate::kernel::{Instant, Lang};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// The channels an account wants.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contact_preferences)]
pub struct PreferencesRow {
    pub account_id: AccountId,
    pub email: bool,
    pub zalo: bool,
    pub lang: Lang,
    pub updated_at: Instant,
}

/// Returns the stored preferences of an account, if any.
pub fn preferences(connection: &mut DbConnection, account: AccountId) -> Result<Option<PreferencesRow>, StorageError> {
    Ok(contact_preferences::table.find(account).select(PreferencesRow::as_select()).get_result(connection).optional()?)
}

/// Stores the preferences of an account.
pub fn prefer(connection: &mut DbConnection, row: &PreferencesRow) -> Result<(), StorageError> {
    if diesel::update(contact_preferences::table.find(row.account_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(contact_preferences::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Unsubscribes an address; idempotent.
pub fn unsubscribe(connection: &mut DbConnection, address: &str, at: Instant) -> Result<(), StorageError> {
    if !is_unsubscribed(connection, address, &[])? {
        diesel::insert_into(unsubscribed_addresses::table)
            .values((
                unsubscribed_addresses::address_hash.eq(vault::hash(LookupKind::Email, address)?),
                unsubscribed_addresses::unsubscribed_at.eq(at),
                unsubscribed_addresses::address.eq(vault::seal(SealedColumn::UNSUBSCRIBED, "", address)?),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Returns whether an address has unsubscribed; `seals` are its hashes as stored by earlier versions.
pub fn is_unsubscribed(connection: &mut DbConnection, address: &str, seals: &[String]) -> Result<bool, StorageError> {
    let mut hashes = vault::hashes(LookupKind::Email, address)?;
    hashes.extend_from_slice(seals);
    let found = unsubscribed_addresses::table.filter(unsubscribed_addresses::address_hash.eq_any(hashes));
    Ok(diesel::select(exists(found)).get_result(connection)?)
}

#[derive(QueryableByName)]
struct DailyCount {
    #[diesel(sql_type = BigInt)]
    messages: i64,
}

/// Returns the day in Vietnam time, counted since 1970.
#[must_use]
pub fn day_of(at: Instant) -> i64 {
    i64::from(at.local_date().to_epoch_days())
}

/// Counts a message to an address or phone number on a day and returns the count including it.
///
/// # Errors
/// Those of the database, and a missing hashing key.
pub fn count(connection: &mut DbConnection, kind: LookupKind, address: &str, day: i64) -> Result<i64, StorageError> {
    let counted: DailyCount = diesel::sql_query(
        "INSERT INTO recipient_days (recipient, day, messages) VALUES ($1, $2, 1) \
         ON CONFLICT (recipient, day) DO UPDATE SET messages = recipient_days.messages + 1 RETURNING messages",
    )
    .bind::<Text, _>(vault::hash(kind, address)?)
    .bind::<BigInt, _>(day)
    .get_result(connection)?;
    Ok(counted.messages)
}

/// Deletes the counters of the days before `before`.
pub fn forget_days(connection: &mut DbConnection, before: i64) -> Result<usize, StorageError> {
    Ok(diesel::delete(recipient_days::table.filter(recipient_days::day.lt(before))).execute(connection)?)
}
