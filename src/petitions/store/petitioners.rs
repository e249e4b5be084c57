//! Storage of petitioners: the personal data is encrypted as one value, with keyed hashes beside it for lookup.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::{identity_looks, petitioners, petitioners_in_clear, petitions};
use crate::db::vault::{self, LookupKind, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, PetitionId};
use crate::petitions::rules::petitioner::LookPurpose;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The petitioner of a petition, decrypted.
#[derive(Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = petitioners_in_clear)]
pub struct PetitionerRow {
    pub petition_id: PetitionId,
    /// Name of the person, or of the person who files for the business.
    pub full_name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub email: Option<String>,
    pub company_name: Option<String>,
    pub tax_code: Option<String>,
    /// Exact position of the case: sensitive data by Decree 356/2025, article 4.
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    /// Address of the case.
    pub address: Option<String>,
    /// Whether the handling agency must not see the identity.
    pub hide_identity: bool,
    /// SHA-256 of the guest's tracking token.
    pub tracking_hash: Option<String>,
}

/// The encrypted part: everything that identifies a person or place.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PetitionerIdentity {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Address of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl PetitionerIdentity {
    /// Parses the decrypted text.
    ///
    /// # Errors
    /// `Corrupt` when the program cannot have written it.
    pub fn read(text: &str) -> Result<Self, StorageError> {
        let SealedColumn { table, column, .. } = SealedColumn::PERSON;
        serde_json::from_str(text).map_err(|_| StorageError::Corrupt { table: table.to_owned(), column: column.to_owned() })
    }

    fn of(row: &PetitionerRow) -> Self {
        let row = row.clone();
        Self {
            full_name: row.full_name,
            phone: row.phone,
            email: row.email,
            company_name: row.company_name,
            tax_code: row.tax_code,
            latitude: row.latitude,
            longitude: row.longitude,
            address: row.address,
        }
    }
}

/// A petitioner row as stored.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = petitioners, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct SealedPetitionerRow {
    pub petition_id: PetitionId,
    pub person: String,
    pub phone_hash: Option<String>,
    pub email_hash: Option<String>,
    pub hide_identity: bool,
    pub tracking_hash: Option<String>,
}

impl PetitionerRow {
    /// Returns the JSON that is encrypted.
    ///
    /// # Errors
    /// Never in practice: a person is plain data.
    pub(super) fn as_json(&self) -> Result<String, StorageError> {
        serde_json::to_string(&PetitionerIdentity::of(self))
            .map_err(|_| StorageError::Query("a petitioner cannot be written as JSON".to_owned()))
    }
}

impl SealedPetitionerRow {
    /// Encrypts a petitioner.
    pub fn seal(row: &PetitionerRow) -> Result<Self, StorageError> {
        let person = row.as_json()?;
        Ok(Self {
            petition_id: row.petition_id,
            person: vault::seal(SealedColumn::PERSON, row.petition_id, &person)?,
            phone_hash: vault::hash_some(LookupKind::Phone, row.phone.as_deref())?,
            email_hash: vault::hash_some(LookupKind::Email, row.email.as_deref())?,
            hide_identity: row.hide_identity,
            tracking_hash: row.tracking_hash.clone(),
        })
    }

    pub fn open(self) -> Result<PetitionerRow, StorageError> {
        let person = person(self.petition_id, &self.person)?;
        Ok(PetitionerRow {
            petition_id: self.petition_id,
            full_name: person.full_name,
            phone: person.phone,
            email: person.email,
            company_name: person.company_name,
            tax_code: person.tax_code,
            latitude: person.latitude,
            longitude: person.longitude,
            address: person.address,
            hide_identity: self.hide_identity,
            tracking_hash: self.tracking_hash,
        })
    }
}

/// Decrypts the identity of a petition's petitioner.
pub(crate) fn person(id: PetitionId, sealed: &str) -> Result<PetitionerIdentity, StorageError> {
    match vault::open(SealedColumn::PERSON, id, sealed)? {
        text if text.is_empty() => Ok(PetitionerIdentity::default()),
        text => PetitionerIdentity::read(&text),
    }
}

/// Stores the petitioner of a new petition.
///
/// # Errors
/// Database errors, and an error when there is no encryption key.
pub fn insert(connection: &mut DbConnection, petitioner: &PetitionerRow) -> Result<(), StorageError> {
    let sealed = SealedPetitionerRow::seal(petitioner)?;
    let statement = diesel::insert_into(petitioners::table).values(&sealed);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Updates a petitioner.
///
/// # Errors
/// As [`insert`].
pub fn update(connection: &mut DbConnection, petitioner: &PetitionerRow) -> Result<(), StorageError> {
    let sealed = SealedPetitionerRow::seal(petitioner)?;
    diesel::update(petitioners::table.find(petitioner.petition_id)).set(&sealed).execute(connection)?;
    Ok(())
}

/// Returns the petitioner of a petition. A caller that shows it to an officer must call [`log_access`] in the same
/// transaction.
///
/// # Errors
/// `Missing` when the petition has none, which means a broken database.
pub fn find(connection: &mut DbConnection, id: PetitionId) -> Result<PetitionerRow, StorageError> {
    let sealed: SealedPetitionerRow =
        petitioners::table.find(id).select(SealedPetitionerRow::as_select()).get_result(connection)?;
    sealed.open()
}

/// Returns the petitioners of the petitions; those that cannot be decrypted are left out.
pub fn of_petitions(
    connection: &mut DbConnection,
    ids: &[PetitionId],
) -> Result<HashMap<PetitionId, PetitionerRow>, StorageError> {
    let rows: Vec<SealedPetitionerRow> = petitioners::table
        .filter(petitioners::petition_id.eq_any(ids))
        .select(SealedPetitionerRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|row| Some((row.petition_id, row.open().ok()?))).collect())
}

/// The petitioner of a petition merged into another.
pub struct MergedPetitioner {
    /// The petition it was merged into.
    pub into: PetitionId,
    /// The petitioner, or why the row cannot be decrypted.
    pub petitioner: Result<PetitionerRow, StorageError>,
}

/// Returns the petitioners of all petitions merged into these, in petition order.
pub fn merged_into(connection: &mut DbConnection, originals: &[PetitionId]) -> Result<Vec<MergedPetitioner>, StorageError> {
    let mut rows: Vec<(PetitionId, SealedPetitionerRow)> = petitions::table
        .inner_join(petitioners::table.on(petitioners::petition_id.eq(petitions::id)))
        .filter(petitions::merged_into_id.eq_any(originals.to_vec()))
        .select((petitions::merged_into_id.assume_not_null(), SealedPetitionerRow::as_select()))
        .load(connection)?;
    rows.sort_by_key(|(_, sealed)| sealed.petition_id);
    Ok(rows.into_iter().map(|(into, sealed)| MergedPetitioner { into, petitioner: sealed.open() }).collect())
}

/// Returns the petitioners, of the given petitions, who hide their identity.
pub fn hidden_among(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<Vec<PetitionerRow>, StorageError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let hidden = petitioners::table.filter(petitioners::hide_identity.eq(true).and(petitioners::petition_id.eq_any(ids)));
    let rows: Vec<SealedPetitionerRow> = hidden.select(SealedPetitionerRow::as_select()).load(connection)?;
    rows.into_iter().map(SealedPetitionerRow::open).collect()
}

/// Returns the petitions whose petitioner has one of these hashes as phone or e-mail, in row order.
pub fn with_hashes(connection: &mut DbConnection, hashes: &[String]) -> Result<Vec<PetitionId>, StorageError> {
    Ok(petitioners::table
        .filter(petitioners::phone_hash.eq_any(hashes.to_vec()).or(petitioners::email_hash.eq_any(hashes.to_vec())))
        .order(petitioners::petition_id)
        .select(petitioners::petition_id)
        .load(connection)?)
}

/// Returns the stored hash of the guest's tracking token.
pub fn tracking_hash(connection: &mut DbConnection, id: PetitionId) -> Result<Option<String>, StorageError> {
    Ok(petitioners::table.find(id).select(petitioners::tracking_hash).get_result(connection).optional()?.flatten())
}

/// Returns whether the petitioner hides their identity from the handling agency.
///
/// # Errors
/// `Missing` when the petition has no petitioner, which means a broken database.
pub fn hides(connection: &mut DbConnection, id: PetitionId) -> Result<bool, StorageError> {
    Ok(petitioners::table.find(id).select(petitioners::hide_identity).get_result(connection)?)
}

/// Stores whether the petitioner hides from the handling agency, without touching the encrypted data.
pub fn set_hides(connection: &mut DbConnection, id: PetitionId, hides: bool) -> Result<(), StorageError> {
    diesel::update(petitioners::table.find(id)).set(petitioners::hide_identity.eq(hides)).execute(connection)?;
    Ok(())
}

/// Logs that an officer accessed an identity, with occasion and purpose.
pub fn log_access(
    connection: &mut DbConnection,
    petition: PetitionId,
    account: AccountId,
    at: Instant,
    (occasion, purpose): (&str, LookPurpose),
) -> Result<(), StorageError> {
    diesel::insert_into(identity_looks::table)
        .values((
            identity_looks::petition_id.eq(petition),
            identity_looks::account_id.eq(account),
            identity_looks::looked_at.eq(at),
            identity_looks::occasion.eq(occasion),
            identity_looks::purpose.eq(purpose),
        ))
        .execute(connection)?;
    Ok(())
}
