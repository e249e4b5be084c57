//! Identities of other providers, and sign-ins that were begun at one.
//!
//! Rule kept here: a sign-in that was begun is taken once, by whoever has both of its secrets.

use crate::db::columns::text_columns;
use crate::db::schema::{oidc_identities, oidc_sign_ins};
use crate::db::{DbConnection, StorageError};
use crate::integrations::oidc::rules::OidcRealm;
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, OidcIdentityId};
use diesel::prelude::*;

text_columns!(OidcRealm);

/// Whom a provider knows by which subject.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oidc_identities)]
pub struct OidcIdentityRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: OidcIdentityId,
    /// For whom the provider is set up.
    pub realm: OidcRealm,
    /// The provider.
    pub issuer: String,
    /// Its name of the person.
    pub subject: String,
    /// The account here.
    pub account_id: AccountId,
    /// When they were linked.
    pub linked_at: Instant,
    /// When somebody signed in by it last.
    pub last_used_at: Option<Instant>,
}

/// A sign-in that was begun.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oidc_sign_ins, treat_none_as_default_value = false)]
pub struct OidcSignInRow {
    /// SHA-256 of the state that the provider sends back.
    pub state_hash: String,
    /// SHA-256 of the secret of the client that began.
    pub secret_hash: String,
    /// Where.
    pub realm: OidcRealm,
    /// Who links an identity to the own account; none for a sign-in.
    pub account_id: Option<AccountId>,
    /// What else has to be remembered, sealed.
    pub sealed: String,
    /// When it began.
    pub begun_at: Instant,
}

/// The identity with the subject, if it is linked.
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

/// The identities of an account, the oldest first.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<OidcIdentityRow>, StorageError> {
    let own = oidc_identities::table.filter(oidc_identities::account_id.eq(account)).order(oidc_identities::id);
    Ok(own.select(OidcIdentityRow::as_select()).load(connection)?)
}

/// Links an identity.
///
/// # Errors
/// [`StorageError::Conflict`] with `OidcSubject` or `OidcAccount` when one of both sides is linked already.
pub fn link(connection: &mut DbConnection, row: &OidcIdentityRow) -> Result<(), StorageError> {
    diesel::insert_into(oidc_identities::table).values(row).execute(connection)?;
    Ok(())
}

/// Notes that somebody has signed in by an identity.
pub fn note_use(connection: &mut DbConnection, id: OidcIdentityId, now: Instant) -> Result<(), StorageError> {
    diesel::update(oidc_identities::table.find(id)).set(oidc_identities::last_used_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Removes an identity of an account; false when it has no such one.
pub fn unlink(connection: &mut DbConnection, account: AccountId, id: OidcIdentityId) -> Result<bool, StorageError> {
    let own = oidc_identities::table.find(id).filter(oidc_identities::account_id.eq(account));
    Ok(diesel::delete(own).execute(connection)? == 1)
}

/// Removes every identity of an account, and what it has begun to link.
pub fn unlink_all(connection: &mut DbConnection, account: AccountId) -> Result<usize, StorageError> {
    diesel::delete(oidc_sign_ins::table.filter(oidc_sign_ins::account_id.eq(account))).execute(connection)?;
    Ok(diesel::delete(oidc_identities::table.filter(oidc_identities::account_id.eq(account))).execute(connection)?)
}

/// Remembers a sign-in that was begun.
pub fn begin(connection: &mut DbConnection, row: &OidcSignInRow) -> Result<(), StorageError> {
    diesel::insert_into(oidc_sign_ins::table).values(row).execute(connection)?;
    Ok(())
}

/// Takes a sign-in of the realm that was begun after a moment, if both hashes are right; it is good once.
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
    // Of two at the same moment one deletes the row.
    let taken = diesel::delete(begun).execute(connection)?;
    Ok(row.filter(|_| taken == 1))
}

/// Forgets sign-ins that were begun before a moment.
pub fn purge(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    Ok(diesel::delete(oidc_sign_ins::table.filter(oidc_sign_ins::begun_at.le(before))).execute(connection)?)
}
