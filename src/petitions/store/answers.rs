//! Storage of answers, from the first draft to the petitioner's rating.

use crate::db::schema::answers;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AnswerId, DocumentId, PetitionId};
use crate::petitions::rules::Outcome;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::HashMap;

/// One answer: a draft until `answered_at` is set; then only the rating may still change.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = answers, treat_none_as_null = true)]
pub struct AnswerRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: AnswerId,
    pub petition_id: PetitionId,
    /// The document under which it was written.
    pub document_id: DocumentId,
    pub content: String,
    pub outcome: Outcome,
    /// The promised day, when the outcome is a promise.
    pub promised_on: Option<NaiveDate>,
    /// Author of the latest draft.
    pub author_id: AccountId,
    /// Time of the latest draft.
    pub drafted_at: Instant,
    pub answered_at: Option<Instant>,
    pub approver_id: Option<AccountId>,
    /// The petitioner's rating, 1–5.
    pub score: Option<i32>,
    /// The petitioner's comment on the rating.
    pub comment: Option<String>,
    pub rated_at: Option<Instant>,
}

/// Stores a first draft.
pub fn insert(connection: &mut DbConnection, answer: &AnswerRow) -> Result<(), StorageError> {
    diesel::insert_into(answers::table).values(answer).execute(connection)?;
    Ok(())
}

/// Updates a draft, or adds approval or rating.
pub fn update(connection: &mut DbConnection, answer: &AnswerRow) -> Result<(), StorageError> {
    diesel::update(answers::table.find(answer.id)).set(answer).execute(connection)?;
    Ok(())
}

/// Returns the current draft, if there is one.
pub fn draft(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<AnswerRow>, StorageError> {
    newest(connection, petition).map(|answer| answer.filter(|answer| answer.answered_at.is_none()))
}

/// Returns the last answer sent, if there is one.
pub fn sent(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<AnswerRow>, StorageError> {
    Ok(answers::table
        .filter(answers::petition_id.eq(petition))
        .filter(answers::answered_at.is_not_null())
        .order(answers::id.desc())
        .select(AnswerRow::as_select())
        .first(connection)
        .optional()?)
}

/// Returns all answers sent to a petition, oldest first.
pub fn all_sent(connection: &mut DbConnection, petition: PetitionId) -> Result<Vec<AnswerRow>, StorageError> {
    Ok(answers::table
        .filter(answers::petition_id.eq(petition))
        .filter(answers::answered_at.is_not_null())
        .order(answers::id)
        .select(AnswerRow::as_select())
        .load(connection)?)
}

/// Returns the last answer sent to each of the petitions.
pub fn sent_last(
    connection: &mut DbConnection,
    petitions: &[PetitionId],
) -> Result<HashMap<PetitionId, AnswerRow>, StorageError> {
    let rows: Vec<AnswerRow> = answers::table
        .filter(answers::petition_id.eq_any(petitions))
        .filter(answers::answered_at.is_not_null())
        .order(answers::id)
        .select(AnswerRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(|row| (row.petition_id, row)).collect())
}

fn newest(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<AnswerRow>, StorageError> {
    Ok(answers::table
        .filter(answers::petition_id.eq(petition))
        .order(answers::id.desc())
        .select(AnswerRow::as_select())
        .first(connection)
        .optional()?)
}
