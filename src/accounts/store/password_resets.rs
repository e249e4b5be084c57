//! Password resets: the queue of requests, and the links that were sent.

use crate::db::schema::{password_reset_requests, password_resets};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, PasswordResetId};
use diesel::prelude::*;

/// A link that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = password_resets)]
pub struct PasswordResetRow {
    /// Row id, part of the link.
    pub id: PasswordResetId,
    pub account_id: AccountId,
    /// When it was requested.
    pub begun_at: Instant,
    /// When it expires.
    pub expires_at: Instant,
    /// When it was used or replaced.
    pub used_at: Option<Instant>,
}

/// Queues a request, with the encrypted login name.
pub fn request(connection: &mut DbConnection, login: &str, at: Instant) -> Result<(), StorageError> {
    diesel::insert_into(password_reset_requests::table)
        .values((password_reset_requests::login.eq(login), password_reset_requests::requested_at.eq(at)))
        .execute(connection)?;
    Ok(())
}

/// Removes the oldest request and returns its encrypted name and time.
pub fn take_request(connection: &mut DbConnection) -> Result<Option<(String, Instant)>, StorageError> {
    let first: Option<(i64, String, Instant)> =
        password_reset_requests::table.order(password_reset_requests::id).first(connection).optional()?;
    let Some((id, login, at)) = first else { return Ok(None) };
    let is_mine = diesel::delete(password_reset_requests::table.find(id)).execute(connection)? == 1;
    Ok(is_mine.then_some((login, at)))
}

/// Returns when the newest link of an account was requested.
pub fn newest(connection: &mut DbConnection, account: AccountId) -> Result<Option<Instant>, StorageError> {
    let of_account = password_resets::table.filter(password_resets::account_id.eq(account));
    Ok(of_account.order(password_resets::id.desc()).select(password_resets::begun_at).first(connection).optional()?)
}

/// Stores a link.
pub fn insert(
    connection: &mut DbConnection,
    account: AccountId,
    begun_at: Instant,
    expires_at: Instant,
) -> Result<PasswordResetId, StorageError> {
    let values = (
        password_resets::account_id.eq(account),
        password_resets::begun_at.eq(begun_at),
        password_resets::expires_at.eq(expires_at),
    );
    Ok(diesel::insert_into(password_resets::table).values(values).returning(password_resets::id).get_result(connection)?)
}

/// Returns one link.
pub fn find(connection: &mut DbConnection, id: PasswordResetId) -> Result<Option<PasswordResetRow>, StorageError> {
    Ok(password_resets::table.find(id).select(PasswordResetRow::as_select()).get_result(connection).optional()?)
}

/// Marks every link of an account as used; returns `false` if this one was used before.
pub fn use_up(connection: &mut DbConnection, row: &PasswordResetRow, now: Instant) -> Result<bool, StorageError> {
    let unused = password_resets::table.find(row.id).filter(password_resets::used_at.is_null());
    let is_first = diesel::update(unused).set(password_resets::used_at.eq(now)).execute(connection)? == 1;
    end_all(connection, row.account_id, now)?;
    Ok(is_first)
}

/// Invalidates every link of an account.
pub fn end_all(connection: &mut DbConnection, account: AccountId, now: Instant) -> Result<(), StorageError> {
    let open = password_resets::table.filter(password_resets::account_id.eq(account)).filter(password_resets::used_at.is_null());
    diesel::update(open).set(password_resets::used_at.eq(now)).execute(connection)?;
    Ok(())
}
