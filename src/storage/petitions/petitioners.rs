//! The person or business behind a petition: the only table beside `accounts` that holds personal data.

use crate::domain::Instant;
use crate::domain::ids::{AccountId, PetitionId};
use crate::storage::dialect::straight::straight;
use crate::storage::schema::{identity_looks, petitioners};
use crate::storage::{DbConnection, StorageError};
use diesel::prelude::*;

/// Who filed, from where, and how a guest proves it.
#[derive(Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = petitioners, treat_none_as_default_value = false)]
pub struct PetitionerRow {
    /// Whose petitioner.
    pub petition_id: PetitionId,
    /// Name of the person, or of the person who files for the business.
    pub full_name: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Name of the business.
    pub company_name: Option<String>,
    /// Tax code of the business.
    pub tax_code: Option<String>,
    /// Exact position of the case: sensitive data by Decree 356/2025, article 4.
    pub latitude: Option<f64>,
    /// Exact position of the case.
    pub longitude: Option<f64>,
    /// Address of the case.
    pub address: Option<String>,
    /// Whether the handling agency must not learn who it is.
    pub hide_identity: bool,
    /// SHA-256 of the guest's tracking token.
    pub tracking_hash: Option<String>,
}

/// Stores the petitioner of a new petition.
///
/// # Errors
/// Only those of the database.
pub fn insert(connection: &mut DbConnection, petitioner: &PetitionerRow) -> Result<(), StorageError> {
    let statement = diesel::insert_into(petitioners::table).values(petitioner);
    straight!(connection, either => statement.execute(either))?;
    Ok(())
}

/// The petitioner of a petition; whoever shows it to an officer calls [`log_look`] in the same transaction.
///
/// # Errors
/// `Missing` when the petition has none, which means a broken database.
pub fn find(connection: &mut DbConnection, id: PetitionId) -> Result<PetitionerRow, StorageError> {
    Ok(petitioners::table.find(id).select(PetitionerRow::as_select()).get_result(connection)?)
}

/// What a guest's tracking token is compared with.
///
/// # Errors
/// Only those of the database.
pub fn tracking_hash(connection: &mut DbConnection, id: PetitionId) -> Result<Option<String>, StorageError> {
    Ok(petitioners::table.find(id).select(petitioners::tracking_hash).get_result(connection).optional()?.flatten())
}

/// Writes down that an officer looked at an identity.
///
/// # Errors
/// Only those of the database.
pub fn log_look(
    connection: &mut DbConnection,
    petition: PetitionId,
    account: AccountId,
    at: Instant,
    occasion: &str,
) -> Result<(), StorageError> {
    diesel::insert_into(identity_looks::table)
        .values((
            identity_looks::petition_id.eq(petition),
            identity_looks::account_id.eq(account),
            identity_looks::looked_at.eq(at),
            identity_looks::occasion.eq(occasion),
        ))
        .execute(connection)?;
    Ok(())
}
