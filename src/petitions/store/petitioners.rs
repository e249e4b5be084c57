//! The person behind a petition: sealed as a whole, beside keyed hashes to find them by.

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

/// Who filed, from where, and how a guest proves it.
#[derive(Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = petitioners_in_clear)]
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

/// What is sealed together: everything that tells who somebody is or where.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PetitionerIdentity {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Phone in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Name of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Tax code of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_code: Option<String>,
    /// Exact position of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Exact position of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Address of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl PetitionerIdentity {
    /// Reads what was sealed.
    ///
    /// # Errors
    /// `Corrupt` when it is nothing that the program writes.
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

/// A petitioner as it lies in the table.
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
    /// The person as it is sealed.
    ///
    /// # Errors
    /// Never in practice: a person is plain data.
    pub(super) fn as_json(&self) -> Result<String, StorageError> {
        serde_json::to_string(&PetitionerIdentity::of(self))
            .map_err(|_| StorageError::Query("a petitioner cannot be written as JSON".to_owned()))
    }
}

impl SealedPetitionerRow {
    /// Seals a petitioner.
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

/// Opens the person of a petition.
pub(crate) fn person(id: PetitionId, sealed: &str) -> Result<PetitionerIdentity, StorageError> {
    match vault::open(SealedColumn::PERSON, id, sealed)? {
        text if text.is_empty() => Ok(PetitionerIdentity::default()),
        text => PetitionerIdentity::read(&text),
    }
}

/// Stores the petitioner of a new petition.
///
/// # Errors
/// Only those of the database, and when there is no key to seal with.
pub fn insert(connection: &mut DbConnection, petitioner: &PetitionerRow) -> Result<(), StorageError> {
    let sealed = SealedPetitionerRow::seal(petitioner)?;
    let statement = diesel::insert_into(petitioners::table).values(&sealed);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Stores a petitioner that has changed.
///
/// # Errors
/// As [`insert`].
pub fn update(connection: &mut DbConnection, petitioner: &PetitionerRow) -> Result<(), StorageError> {
    let sealed = SealedPetitionerRow::seal(petitioner)?;
    diesel::update(petitioners::table.find(petitioner.petition_id)).set(&sealed).execute(connection)?;
    Ok(())
}

/// The petitioner of a petition; whoever shows it to an officer calls [`log_access`] in the same transaction.
///
/// # Errors
/// `Missing` when the petition has none, which means a broken database.
pub fn find(connection: &mut DbConnection, id: PetitionId) -> Result<PetitionerRow, StorageError> {
    let sealed: SealedPetitionerRow =
        petitioners::table.find(id).select(SealedPetitionerRow::as_select()).get_result(connection)?;
    sealed.open()
}

/// The petitioners of some petitions; those that do not open are left out.
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

/// Who filed a petition that was merged into another.
pub struct MergedPetitioner {
    /// The other petition.
    pub into: PetitionId,
    /// The person, or why the row does not open.
    pub petitioner: Result<PetitionerRow, StorageError>,
}

/// Whoever filed what was merged into these petitions, in the order of their petitions.
pub fn merged_into(connection: &mut DbConnection, originals: &[PetitionId]) -> Result<Vec<MergedPetitioner>, StorageError> {
    let mut rows: Vec<(PetitionId, SealedPetitionerRow)> = petitions::table
        .inner_join(petitioners::table.on(petitioners::petition_id.eq(petitions::id)))
        .filter(petitions::merged_into_id.eq_any(originals.to_vec()))
        .select((petitions::merged_into_id.assume_not_null(), SealedPetitionerRow::as_select()))
        .load(connection)?;
    rows.sort_by_key(|(_, sealed)| sealed.petition_id);
    Ok(rows.into_iter().map(|(into, sealed)| MergedPetitioner { into, petitioner: sealed.open() }).collect())
}

/// Those of some petitions whose petitioner wants to stay unknown.
pub fn hidden_among(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<Vec<PetitionerRow>, StorageError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let hidden = petitioners::table.filter(petitioners::hide_identity.eq(true).and(petitioners::petition_id.eq_any(ids)));
    let rows: Vec<SealedPetitionerRow> = hidden.select(SealedPetitionerRow::as_select()).load(connection)?;
    rows.into_iter().map(SealedPetitionerRow::open).collect()
}

/// The petitions whose petitioner has one of these hashes as phone or as e-mail, in their order.
pub fn with_hashes(connection: &mut DbConnection, hashes: &[String]) -> Result<Vec<PetitionId>, StorageError> {
    Ok(petitioners::table
        .filter(petitioners::phone_hash.eq_any(hashes.to_vec()).or(petitioners::email_hash.eq_any(hashes.to_vec())))
        .order(petitioners::petition_id)
        .select(petitioners::petition_id)
        .load(connection)?)
}

/// What a guest's tracking token is compared with.
pub fn tracking_hash(connection: &mut DbConnection, id: PetitionId) -> Result<Option<String>, StorageError> {
    Ok(petitioners::table.find(id).select(petitioners::tracking_hash).get_result(connection).optional()?.flatten())
}

/// Whether the handling agency must not learn who it is.
///
/// # Errors
/// `Missing` when the petition has no petitioner, which means a broken database.
pub fn hides(connection: &mut DbConnection, id: PetitionId) -> Result<bool, StorageError> {
    Ok(petitioners::table.find(id).select(petitioners::hide_identity).get_result(connection)?)
}

/// Stores whether the handling agency may learn who it is; what is sealed is not touched.
pub fn set_hides(connection: &mut DbConnection, id: PetitionId, hides: bool) -> Result<(), StorageError> {
    diesel::update(petitioners::table.find(id)).set(petitioners::hide_identity.eq(hides)).execute(connection)?;
    Ok(())
}

/// Writes down that an officer looked at an identity, on which occasion and what for.
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
