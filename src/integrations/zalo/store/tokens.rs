//! Tokens of the Official Account: one row, whose refresh token is exchanged by one instance at a time.

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
    /// Id of the Official Account.
    pub oa_id: String,
    /// Empty until the first exchange.
    pub access_token: String,
    /// Can be used for one exchange only.
    pub refresh_token: String,
    /// Whether messages can be sent.
    pub state: ConnectionState,
    /// Expiry of the access token.
    pub access_until: Instant,
    /// Time of the last exchange.
    pub refreshed_at: Option<Instant>,
    /// Hash of the configured refresh token that was imported, so that it is imported only once.
    pub seed_hash: Option<String>,
    /// Why the last exchange failed.
    pub problem: Option<String>,
    /// The instance that is exchanging them.
    pub holder: Option<String>,
    /// When its claim expires.
    pub held_until: Option<Instant>,
    /// Incremented by every exchange.
    pub version: i32,
}

/// Returns the tokens of an Official Account.
pub fn find(connection: &mut DbConnection, oa_id: &str) -> Result<Option<ZaloTokenRow>, StorageError> {
    Ok(zalo_tokens::table.find(oa_id).select(ZaloTokenRow::as_select()).get_result(connection).optional()?)
}

/// Stores tokens, replacing existing ones.
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

/// Claims the exchange of a version's tokens; `false` while another instance holds the claim, or when they have been
/// exchanged meanwhile.
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

/// Stores the result of an exchange if the claim is still ours; `false` otherwise.
pub fn settle(connection: &mut DbConnection, holder: &str, row: &ZaloTokenRow) -> Result<bool, StorageError> {
    let mine = zalo_tokens::table.filter(zalo_tokens::oa_id.eq(&row.oa_id)).filter(zalo_tokens::holder.eq(holder));
    Ok(diesel::update(mine).set(row).execute(connection)? == 1)
}

/// Stores a started authorisation.
pub fn begin(connection: &mut DbConnection, state: &str, verifier: &str, now: Instant) -> Result<(), StorageError> {
    let row = (
        zalo_authorisations::state.eq(state),
        zalo_authorisations::verifier.eq(verifier),
        zalo_authorisations::created_at.eq(now),
    );
    diesel::insert_into(zalo_authorisations::table).values(row).execute(connection)?;
    Ok(())
}

/// Consumes an authorisation started after a given time; it works only once. Deletes older ones.
pub fn finish(connection: &mut DbConnection, state: &str, after: Instant) -> Result<Option<String>, StorageError> {
    diesel::delete(zalo_authorisations::table.filter(zalo_authorisations::created_at.lt(after))).execute(connection)?;
    let row = zalo_authorisations::table.find(state);
    let verifier = row.select(zalo_authorisations::verifier).get_result(connection).optional()?;
    let taken = diesel::delete(row).execute(connection)?;
    Ok(verifier.filter(|_| taken == 1))
}
