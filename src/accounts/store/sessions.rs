//! Sessions: each sign-in starts a family, a chain of refresh tokens with one row per token.
//!
//! Rule: a row is used once, and only the hash of its token is stored.

use crate::db::schema::{account_roles, accounts, officer_checks, second_factors, sessions};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, AccountState, Actor, Role};
use crate::kernel::ids::{AccountId, AgencyId, SessionId};
use diesel::prelude::*;

/// A new row of the chain.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = sessions)]
pub struct NewSessionRow {
    pub account_id: AccountId,
    /// Random id shared by all rows of one sign-in.
    pub family: String,
    /// SHA-256 of the refresh token.
    pub token_hash: String,
    /// When the token was issued.
    pub created_at: Instant,
    /// When the unused token expires.
    pub expires_at: Instant,
    /// The device name sent by the client.
    pub device: Option<String>,
    /// When the chain began.
    pub begun_at: Option<Instant>,
    /// Keyed hash that identifies the client device.
    pub device_mark: Option<String>,
}

/// The row of a refresh token.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    pub id: SessionId,
    pub account_id: AccountId,
    pub family: String,
    /// When the unused token expires.
    pub expires_at: Instant,
    /// When it was exchanged for the next one.
    pub used_at: Option<Instant>,
    /// When the chain was ended.
    pub ended_at: Option<Instant>,
    /// When the token was issued.
    pub created_at: Instant,
    /// The device name sent by the client.
    pub device: Option<String>,
    /// When the chain began; missing in old rows.
    pub begun_at: Option<Instant>,
    /// Keyed hash of the device that received the token.
    pub device_mark: Option<String>,
}

/// The account of a session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionActor {
    /// The actor with its current roles.
    pub actor: Actor,
    pub state: AccountState,
    /// The password must be changed first.
    pub must_change_password: bool,
    pub has_second_factor: bool,
    /// The roles that handle petitions are withheld until the officer is confirmed.
    pub waits: bool,
}

/// Inserts a row.
pub fn insert(connection: &mut DbConnection, session: &NewSessionRow) -> Result<SessionId, StorageError> {
    Ok(diesel::insert_into(sessions::table).values(session).returning(sessions::id).get_result(connection)?)
}

/// Returns the current account of a session, with one query; `None` when the session has ended or belongs to
/// another account.
pub fn actor_of(
    connection: &mut DbConnection,
    session: SessionId,
    account: AccountId,
) -> Result<Option<SessionActor>, StorageError> {
    type SessionActorRow = (AccountKind, AccountState, bool, Option<AgencyId>, Option<Role>, Option<Instant>, Option<Instant>);
    let rows: Vec<SessionActorRow> = sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .left_join(account_roles::table.on(account_roles::account_id.eq(accounts::id)))
        .left_join(second_factors::table.on(second_factors::account_id.eq(accounts::id)))
        .left_join(officer_checks::table.on(officer_checks::account_id.eq(accounts::id)))
        .filter(sessions::id.eq(session))
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .select((
            accounts::kind,
            accounts::state,
            accounts::must_change_password,
            accounts::agency_id,
            account_roles::role.nullable(),
            second_factors::confirmed_at.nullable(),
            officer_checks::waits_since.nullable(),
        ))
        .load(connection)?;
    let Some(&(kind, state, must_change_password, agency_id, _, confirmed_at, waits_since)) = rows.first() else {
        return Ok(None);
    };
    let mut roles: Vec<Role> = rows.iter().filter_map(|row| row.4).collect();
    roles.sort_unstable();
    let actor = Actor { account_id: account, kind, roles, agency_id };
    let (has_second_factor, waits) = (confirmed_at.is_some(), waits_since.is_some());
    Ok(Some(SessionActor { actor, state, must_change_password, has_second_factor, waits }))
}

/// Returns when the chain of a row was signed in to.
pub fn begun_at(connection: &mut DbConnection, id: SessionId) -> Result<Option<Instant>, StorageError> {
    let moments = (sessions::begun_at, sessions::created_at);
    let found: Option<(Option<Instant>, Instant)> = sessions::table.find(id).select(moments).get_result(connection).optional()?;
    Ok(found.map(|(begun_at, created_at)| begun_at.unwrap_or(created_at)))
}

/// Returns the row with this token hash.
pub fn find_by_hash(connection: &mut DbConnection, token_hash: &str) -> Result<Option<SessionRow>, StorageError> {
    Ok(sessions::table
        .filter(sessions::token_hash.eq(token_hash))
        .select(SessionRow::as_select())
        .first(connection)
        .optional()?)
}

/// Marks a row as used; returns `false` when it was used or ended already, so of two concurrent requests only one
/// succeeds.
pub fn use_up(connection: &mut DbConnection, id: SessionId, now: Instant) -> Result<bool, StorageError> {
    let unused = sessions::table.find(id).filter(sessions::used_at.is_null()).filter(sessions::ended_at.is_null());
    Ok(diesel::update(unused).set(sessions::used_at.eq(now)).execute(connection)? == 1)
}

/// Ends a whole chain.
pub fn end_family(connection: &mut DbConnection, family: &str, now: Instant) -> Result<(), StorageError> {
    let open = sessions::table.filter(sessions::family.eq(family)).filter(sessions::ended_at.is_null());
    diesel::update(open).set(sessions::ended_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Returns the newest row of each valid chain of an account, newest first.
pub fn open_chains(connection: &mut DbConnection, account: AccountId, now: Instant) -> Result<Vec<SessionRow>, StorageError> {
    Ok(sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::used_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order(sessions::id.desc())
        .select(SessionRow::as_select())
        .load(connection)?)
}

/// Returns the family of a row.
pub fn family_of(connection: &mut DbConnection, id: SessionId) -> Result<Option<String>, StorageError> {
    Ok(sessions::table.find(id).select(sessions::family).get_result(connection).optional()?)
}

/// Ends every chain of an account except that of `keep`.
pub fn end_all(
    connection: &mut DbConnection,
    account: AccountId,
    keep: Option<SessionId>,
    now: Instant,
) -> Result<(), StorageError> {
    let family: Option<String> = match keep {
        Some(id) => sessions::table.find(id).select(sessions::family).get_result(connection).optional()?,
        None => None,
    };
    let open = sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::family.ne(family.unwrap_or_default()));
    diesel::update(open).set(sessions::ended_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Deletes rows that expired before this time; until then used rows are kept to detect reuse.
pub fn purge(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(connection)?)
}
