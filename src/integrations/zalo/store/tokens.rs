//! The tokens of the Official Account: one row, of which one instance at a time exchanges the refresh token.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::{zalo_authorisations, zalo_tokens};
use crate::db::{DbConnection, StorageError};
use crate::integrations::zalo::rules::ConnectionState;
use crate::kernel::Instant;
use diesel::prelude::*;

/// The tokens, encrypted.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = zalo_tokens, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ZaloTokenRow {
    /// Of which Official Account.
    pub oa_id: String,
    /// Opens the interfaces; empty until the first exchange.
    pub access_token: String,
    /// Good for one exchange.
    pub refresh_token: String,
    /// Whether messages can be sent.
    pub state: ConnectionState,
    /// Until when the access token is good.
    pub access_until: Instant,
    /// When they were exchanged last.
    pub refreshed_at: Option<Instant>,
    /// Hash of the token of the settings that was taken in, so that it is taken in once.
    pub seed_hash: Option<String>,
    /// Why the last exchange failed.
    pub problem: Option<String>,
    /// Which instance is exchanging them.
    pub holder: Option<String>,
    /// Until when.
    pub held_until: Option<Instant>,
    /// Raised by every exchange.
    pub version: i32,
}

/// The tokens of an Official Account.
pub fn find(connection: &mut DbConnection, oa_id: &str) -> Result<Option<ZaloTokenRow>, StorageError> {
    Ok(zalo_tokens::table.find(oa_id).select(ZaloTokenRow::as_select()).get_result(connection).optional()?)
}

/// Stores tokens, whatever was there.
pub fn put(connection: &mut DbConnection, row: &ZaloTokenRow) -> Result<(), StorageError> {
    if diesel::update(zalo_tokens::table.find(&row.oa_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(zalo_tokens::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Stores the first tokens, unless another instance was faster.
pub fn seed(connection: &mut DbConnection, row: &ZaloTokenRow) -> Result<(), StorageError> {
    let statement = diesel::insert_into(zalo_tokens::table).values(row).on_conflict_do_nothing();
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Takes the right to exchange the tokens of a version; false while somebody else has it, or when they were exchanged meanwhile.
pub fn take(
    connection: &mut DbConnection,
    (oa_id, version): (&str, i32),
    holder: &str,
    now: Instant,
    until: Instant,
) -> Result<bool, StorageError> {
    let free = zalo_tokens::table
        .filter(zalo_tokens::oa_id.eq(oa_id))
        .filter(zalo_tokens::version.eq(version))
        .filter(zalo_tokens::held_until.is_null().or(zalo_tokens::held_until.lt(now)));
    let mine = (zalo_tokens::holder.eq(holder), zalo_tokens::held_until.eq(until));
    Ok(diesel::update(free).set(mine).execute(connection)? == 1)
}

/// Stores what an exchange brought, if it is still ours to store; false otherwise.
pub fn settle(connection: &mut DbConnection, holder: &str, row: &ZaloTokenRow) -> Result<bool, StorageError> {
    let mine = zalo_tokens::table.filter(zalo_tokens::oa_id.eq(&row.oa_id)).filter(zalo_tokens::holder.eq(holder));
    Ok(diesel::update(mine).set(row).execute(connection)? == 1)
}

/// Notes that an administrator has begun to authorise.
pub fn begin(connection: &mut DbConnection, state: &str, verifier: &str, now: Instant) -> Result<(), StorageError> {
    let row = (
        zalo_authorisations::state.eq(state),
        zalo_authorisations::verifier.eq(verifier),
        zalo_authorisations::created_at.eq(now),
    );
    diesel::insert_into(zalo_authorisations::table).values(row).execute(connection)?;
    Ok(())
}

/// Takes an authorisation that was begun after a moment; it is good once. Older ones are forgotten.
pub fn finish(connection: &mut DbConnection, state: &str, after: Instant) -> Result<Option<String>, StorageError> {
    diesel::delete(zalo_authorisations::table.filter(zalo_authorisations::created_at.lt(after))).execute(connection)?;
    let row = zalo_authorisations::table.find(state);
    let verifier = row.select(zalo_authorisations::verifier).get_result(connection).optional()?;
    let taken = diesel::delete(row).execute(connection)?;
    Ok(verifier.filter(|_| taken == 1))
}
