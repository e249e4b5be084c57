//! The words of a petition, apart from its state so that lists and figures never read them.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::petition_texts;
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::PetitionId;
use diesel::prelude::*;
use std::collections::HashMap;

/// Title and content as the petitioner wrote them, in NFC.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = petition_texts, treat_none_as_default_value = false)]
pub struct TextRow {
    /// Whose words.
    pub petition_id: PetitionId,
    /// The title.
    pub title: String,
    /// The content.
    pub content: String,
    /// Both, folded for search.
    pub search_text: String,
}

/// Stores the words of a new petition.
pub fn insert(connection: &mut DbConnection, text: &TextRow) -> Result<(), StorageError> {
    let statement = diesel::insert_into(petition_texts::table).values(text);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// The words of a petition.
///
/// # Errors
/// `Missing` when the petition has none, which means a broken database.
pub fn find(connection: &mut DbConnection, id: PetitionId) -> Result<TextRow, StorageError> {
    Ok(petition_texts::table.find(id).select(TextRow::as_select()).get_result(connection)?)
}

/// The words of some petitions, in no order.
pub fn of_petitions(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<Vec<TextRow>, StorageError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(petition_texts::table.filter(petition_texts::petition_id.eq_any(ids)).select(TextRow::as_select()).load(connection)?)
}

/// The titles of some petitions.
pub fn titles(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<HashMap<PetitionId, String>, StorageError> {
    let rows: Vec<(PetitionId, String)> = petition_texts::table
        .filter(petition_texts::petition_id.eq_any(ids))
        .select((petition_texts::petition_id, petition_texts::title))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}
