//! Storage of moderation decisions about the public version of a petition: whether it is published, and with which
//! texts.

use crate::db::schema::{moderated_answers, moderations, timeline};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AnswerId, PetitionId};
use crate::petitions::rules::Action;
use diesel::prelude::*;

/// The moderation decision about one petition.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = moderations, primary_key(petition_id), treat_none_as_null = true)]
pub struct ModerationRow {
    pub petition_id: PetitionId,
    /// Whether it is public once it is answered.
    pub is_published: bool,
    /// Replacement of the public title.
    pub title: Option<String>,
    /// Replacement of the public content.
    pub content: Option<String>,
    /// Hash of title and content, as in the timeline.
    pub text_hash: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// Account of the latest decision.
    pub changed_by: AccountId,
    pub changed_at: Instant,
}

/// Replacement public text of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = moderated_answers, primary_key(answer_id))]
pub struct ModeratedAnswerRow {
    pub answer_id: AnswerId,
    pub petition_id: PetitionId,
    /// The replacement text.
    pub content: String,
    /// Hash of `content`, as in the timeline.
    pub text_hash: String,
    /// Hash of the answer it was written for.
    pub answer_hash: String,
}

/// Returns the decision about a petition.
pub fn find(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<ModerationRow>, StorageError> {
    Ok(moderations::table.find(petition).select(ModerationRow::as_select()).first(connection).optional()?)
}

/// Returns sequence and detail of the newest moderation entry in the timeline.
pub fn newest_entry(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<(i32, String)>, StorageError> {
    let entries = timeline::table.filter(timeline::petition_id.eq(petition).and(timeline::action.eq(Action::Moderate)));
    let newest = entries.order(timeline::sequence.desc()).select((timeline::sequence, timeline::detail));
    Ok(newest.first(connection).optional()?)
}

/// Inserts or updates a decision.
pub fn store(connection: &mut DbConnection, row: &ModerationRow) -> Result<(), StorageError> {
    if diesel::update(moderations::table.find(row.petition_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(moderations::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Returns the replacement text of an answer.
pub fn of_answer(connection: &mut DbConnection, answer: AnswerId) -> Result<Option<ModeratedAnswerRow>, StorageError> {
    Ok(moderated_answers::table.find(answer).select(ModeratedAnswerRow::as_select()).first(connection).optional()?)
}

/// Returns the replacement texts of all answers to the petitions.
pub fn answers_of(connection: &mut DbConnection, petitions: &[PetitionId]) -> Result<Vec<ModeratedAnswerRow>, StorageError> {
    let of_petitions = moderated_answers::table.filter(moderated_answers::petition_id.eq_any(petitions));
    Ok(of_petitions.order(moderated_answers::answer_id).select(ModeratedAnswerRow::as_select()).load(connection)?)
}

/// Inserts or updates the replacement text of an answer.
pub fn store_answer(connection: &mut DbConnection, row: &ModeratedAnswerRow) -> Result<(), StorageError> {
    if diesel::update(moderated_answers::table.find(row.answer_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(moderated_answers::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Deletes the replacement text, so that the masked original applies again.
pub fn remove_answer(connection: &mut DbConnection, answer: AnswerId) -> Result<(), StorageError> {
    diesel::delete(moderated_answers::table.find(answer)).execute(connection)?;
    Ok(())
}
