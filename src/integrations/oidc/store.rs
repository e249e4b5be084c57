//! Tables of linked identities and of started sign-ins.
//!
//! Rule: a started sign-in can be consumed once, by whoever has both of its secrets.

use crate::db::columns::text_columns;
use crate::db::schema::{oidc_identities, oidc_sign_ins};
use crate::db::{DbConnection, StorageError};
use crate::integrations::oidc::rules::OidcRealm;
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, OidcIdentityId};
use diesel::prelude::*;

text_columns!(OidcRealm);

/// A linked identity: a provider's subject and the account.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oidc_identities)]
pub struct OidcIdentityRow {
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: OidcIdentityId,
    pub realm: OidcRealm,
    pub issuer: String,
    /// The provider's identifier of the person.
    pub subject: String,
    pub account_id: AccountId,
    pub linked_at: Instant,
    /// Last sign-in with this identity.
    pub last_used_at: Option<Instant>,
}

/// A started sign-in.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oidc_sign_ins, treat_none_as_default_value = false)]
pub struct OidcSignInRow {
    /// SHA-256 of the state returned by the provider.
    pub state_hash: String,
    /// SHA-256 of the client's secret.
    pub secret_hash: String,
    pub realm: OidcRealm,
    /// The account linking an identity; `None` for a sign-in.
    pub account_id: Option<AccountId>,
    /// Other pending data, sealed.
    pub sealed: String,
    pub begun_at: Instant,
}

/// Returns the identity with the subject, if it is linked.
pub fn find(
    connection: &mut DbConnection,
    realm: OidcRealm,
    issuer: &str,
    subject: &str,
) -> Result<Option<OidcIdentityRow>, StorageError> {
    let found = oidc_identities::table
        .filter(oidc_identities::realm.eq(realm))
        .filter(oidc_identities::issuer.eq(issuer))
        .filter(oidc_identities::subject.eq(subject));
    Ok(found.select(OidcIdentityRow::as_select()).get_result(connection).optional()?)
}

/// Returns the identities of an account, oldest first.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<OidcIdentityRow>, StorageError> {
    let own = oidc_identities::table.filter(oidc_identities::account_id.eq(account)).order(oidc_identities::id);
    Ok(own.select(OidcIdentityRow::as_select()).load(connection)?)
}

/// Links an identity.
///
/// # Errors
/// [`StorageError::Conflict`] with `OidcSubject` or `OidcAccount` when the subject or the account is already linked.
pub fn link(connection: &mut DbConnection, row: &OidcIdentityRow) -> Result<(), StorageError> {
    diesel::insert_into(oidc_identities::table).values(row).execute(connection)?;
    Ok(())
}

/// Records a sign-in with an identity.
pub fn note_use(connection: &mut DbConnection, id: OidcIdentityId, now: Instant) -> Result<(), StorageError> {
    diesel::update(oidc_identities::table.find(id)).set(oidc_identities::last_used_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Removes an identity of an account; `false` when there is none.
pub fn unlink(connection: &mut DbConnection, account: AccountId, id: OidcIdentityId) -> Result<bool, StorageError> {
    let own = oidc_identities::table.find(id).filter(oidc_identities::account_id.eq(account));
    Ok(diesel::delete(own).execute(connection)? == 1)
}

/// Removes every identity and every pending link of an account.
pub fn unlink_all(connection: &mut DbConnection, account: AccountId) -> Result<usize, StorageError> {
    diesel::delete(oidc_sign_ins::table.filter(oidc_sign_ins::account_id.eq(account))).execute(connection)?;
    Ok(diesel::delete(oidc_identities::table.filter(oidc_identities::account_id.eq(account))).execute(connection)?)
}

/// Stores a started sign-in.
pub fn begin(connection: &mut DbConnection, row: &OidcSignInRow) -> Result<(), StorageError> {
    diesel::insert_into(oidc_sign_ins::table).values(row).execute(connection)?;
    Ok(())
}

/// Consumes a sign-in of the realm started after a given time, if both hashes match; it works only once.
pub fn take(
    connection: &mut DbConnection,
    realm: OidcRealm,
    (state_hash, secret_hash): (&str, &str),
    after: Instant,
) -> Result<Option<OidcSignInRow>, StorageError> {
    let begun = oidc_sign_ins::table
        .find(state_hash)
        .filter(oidc_sign_ins::secret_hash.eq(secret_hash))
        .filter(oidc_sign_ins::realm.eq(realm))
        .filter(oidc_sign_ins::begun_at.gt(after));
    let row = begun.select(OidcSignInRow::as_select()).get_result(connection).optional()?;
    // Of two concurrent requests only one deletes the row.
    let taken = diesel::delete(begun).execute(connection)?;
    Ok(row.filter(|_| taken == 1))
}

/// Deletes sign-ins started before a given time.
pub fn purge(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    Ok(diesel::delete(oidc_sign_ins::table.filter(oidc_sign_ins::begun_at.le(before))).execute(connection)?)
}
