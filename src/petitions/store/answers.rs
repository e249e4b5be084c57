//! Answers, from the first draft to the petitioner's rating.

use crate::db::schema::answers;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AnswerId, DocumentId, PetitionId};
use crate::petitions::rules::Outcome;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::HashMap;

/// One answer; a draft until `answered_at` is set, then never changed but for the rating.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = answers, treat_none_as_null = true)]
pub struct AnswerRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: AnswerId,
    /// What it answers.
    pub petition_id: PetitionId,
    /// The incoming document under which it was written.
    pub document_id: DocumentId,
    /// The text sent to the petitioner.
    pub content: String,
    /// What the answer says in one word.
    pub outcome: Outcome,
    /// The promised day, when the outcome is a promise.
    pub promised_on: Option<NaiveDate>,
    /// Who drafted it last.
    pub author_id: AccountId,
    /// When it was drafted last.
    pub drafted_at: Instant,
    /// When it was sent.
    pub answered_at: Option<Instant>,
    /// Who approved it.
    pub approver_id: Option<AccountId>,
    /// The petitioner's rating, 1–5.
    pub score: Option<i32>,
    /// The petitioner's words to it.
    pub comment: Option<String>,
    /// When it was rated.
    pub rated_at: Option<Instant>,
}

/// Stores a first draft.
pub fn insert(connection: &mut DbConnection, answer: &AnswerRow) -> Result<(), StorageError> {
    diesel::insert_into(answers::table).values(answer).execute(connection)?;
    Ok(())
}

/// Replaces a draft, or adds approval or rating.
pub fn update(connection: &mut DbConnection, answer: &AnswerRow) -> Result<(), StorageError> {
    diesel::update(answers::table.find(answer.id)).set(answer).execute(connection)?;
    Ok(())
}

/// The draft in work, if there is one.
pub fn draft(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<AnswerRow>, StorageError> {
    newest(connection, petition).map(|answer| answer.filter(|answer| answer.answered_at.is_none()))
}

/// The answer sent last, if there is one.
pub fn sent(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<AnswerRow>, StorageError> {
    Ok(answers::table
        .filter(answers::petition_id.eq(petition))
        .filter(answers::answered_at.is_not_null())
        .order(answers::id.desc())
        .select(AnswerRow::as_select())
        .first(connection)
        .optional()?)
}

/// All answers that were sent to a petition, the oldest first.
pub fn all_sent(connection: &mut DbConnection, petition: PetitionId) -> Result<Vec<AnswerRow>, StorageError> {
    Ok(answers::table
        .filter(answers::petition_id.eq(petition))
        .filter(answers::answered_at.is_not_null())
        .order(answers::id)
        .select(AnswerRow::as_select())
        .load(connection)?)
}

/// The answers sent last to some petitions.
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
