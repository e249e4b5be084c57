//! Storage of the petition texts, in a table of their own so that lists and figures never read them.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::petition_texts;
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::PetitionId;
use diesel::prelude::*;
use std::collections::HashMap;

/// Title and content as written by the petitioner, in NFC.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = petition_texts, treat_none_as_default_value = false)]
pub struct TextRow {
    pub petition_id: PetitionId,
    pub title: String,
    pub content: String,
    /// Title and content, folded for search.
    pub search_text: String,
}

/// Stores the texts of a new petition.
pub fn insert(connection: &mut DbConnection, text: &TextRow) -> Result<(), StorageError> {
    let statement = diesel::insert_into(petition_texts::table).values(text);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(())
}

/// Returns the texts of a petition.
///
/// # Errors
/// `Missing` when the petition has none, which means a broken database.
pub fn find(connection: &mut DbConnection, id: PetitionId) -> Result<TextRow, StorageError> {
    Ok(petition_texts::table.find(id).select(TextRow::as_select()).get_result(connection)?)
}

/// Returns the texts of the petitions, in no particular order.
pub fn of_petitions(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<Vec<TextRow>, StorageError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(petition_texts::table.filter(petition_texts::petition_id.eq_any(ids)).select(TextRow::as_select()).load(connection)?)
}

/// Returns the titles of the petitions.
pub fn titles(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<HashMap<PetitionId, String>, StorageError> {
    let rows: Vec<(PetitionId, String)> = petition_texts::table
        .filter(petition_texts::petition_id.eq_any(ids))
        .select((petition_texts::petition_id, petition_texts::title))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}
