//! The sealing state of a database: whether all personal data is sealed, and whether the configured keys fit.

use super::SealedColumn;
use super::open;
use crate::db::schema::{accounts, personal_state, petitioners};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, PetitionId};
use diesel::prelude::*;

/// Returns whether no personal data is stored as plain text any more.
pub fn is_sealed(connection: &mut DbConnection) -> Result<bool, StorageError> {
    let at: Option<Instant> = personal_state::table.find(1).select(personal_state::sealed_at).first(connection)?;
    Ok(at.is_some())
}

/// Records that no personal data is stored as plain text any more.
pub fn set_sealed(connection: &mut DbConnection, at: Instant) -> Result<(), StorageError> {
    diesel::update(personal_state::table.find(1)).set(personal_state::sealed_at.eq(at)).execute(connection)?;
    Ok(())
}

/// Decrypts the newest petitioner and the newest account phone, to detect at start that the keys belong to another
/// database.
///
/// # Errors
/// `Unavailable` when their key is missing.
pub fn try_one(connection: &mut DbConnection) -> Result<(), StorageError> {
    let newest =
        petitioners::table.order(petitioners::petition_id.desc()).select((petitioners::petition_id, petitioners::person));
    let person: Option<(PetitionId, String)> = newest.first(connection).optional()?;
    if let Some((id, sealed)) = person {
        open(SealedColumn::PERSON, id, &sealed)?;
    }
    let phone: Option<(AccountId, Option<String>)> = accounts::table
        .filter(accounts::phone.is_not_null())
        .order(accounts::id.desc())
        .select((accounts::id, accounts::phone))
        .first(connection)
        .optional()?;
    if let Some((id, Some(sealed))) = phone {
        open(SealedColumn::ACCOUNT_PHONE, id, &sealed)?;
    }
    Ok(())
}
