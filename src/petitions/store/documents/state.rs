//! Storage of incoming documents: a petition as a line in the register of one agency.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::documents;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, DocumentId, PetitionId};
use crate::petitions::rules::DocumentStatus;
use diesel::prelude::*;

/// One register line; agency, year and number never change.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = documents, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DocumentRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: DocumentId,
    pub petition_id: PetitionId,
    pub agency_id: AgencyId,
    /// The Vietnamese year of arrival.
    pub year: i32,
    /// The number in the register of that year (Decree 30/2020/NĐ-CP, article 22).
    pub number: i64,
    pub status: DocumentStatus,
    pub arrived_at: Instant,
    pub due_at: Instant,
    /// The officer who works on it.
    pub assignee_id: Option<AccountId>,
    /// When it left for another desk or was completed.
    pub handed_on_at: Option<Instant>,
    /// Incremented with each change.
    pub version: i32,
}

/// Stores a new register line.
///
/// # Errors
/// `Conflict(DocumentNumber)` when the number is taken.
pub fn insert(connection: &mut DbConnection, document: &DocumentRow) -> Result<DocumentId, StorageError> {
    let statement = diesel::insert_into(documents::table).values(document).returning(documents::id);
    Ok(on_backend!(connection, either => statement.get_result(either))?)
}

/// Updates the mutable fields of a line.
pub fn update(connection: &mut DbConnection, document: &DocumentRow) -> Result<(), StorageError> {
    diesel::update(documents::table.find(document.id)).set(document).execute(connection)?;
    Ok(())
}

/// Returns a document by row number.
pub fn find(connection: &mut DbConnection, id: DocumentId) -> Result<Option<DocumentRow>, StorageError> {
    Ok(documents::table.find(id).select(DocumentRow::as_select()).get_result(connection).optional()?)
}

/// Returns the current (newest) document of a petition.
pub fn newest_of(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<DocumentRow>, StorageError> {
    Ok(documents::table
        .filter(documents::petition_id.eq(petition))
        .order(documents::id.desc())
        .select(DocumentRow::as_select())
        .first(connection)
        .optional()?)
}
