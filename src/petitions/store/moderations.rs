//! What a leader or a coordinator decided about the public version of a petition: whether it is published, and with which words.

use crate::db::schema::{moderated_answers, moderations, timeline};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AnswerId, PetitionId};
use crate::petitions::rules::Action;
use diesel::prelude::*;

/// The decision about one petition.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = moderations, primary_key(petition_id), treat_none_as_null = true)]
pub struct ModerationRow {
    /// Which petition.
    pub petition_id: PetitionId,
    /// Whether it is to be public once it is answered.
    pub is_published: bool,
    /// Another public title.
    pub title: Option<String>,
    /// Another public content.
    pub content: Option<String>,
    /// The hash of both, as the timeline has it.
    pub text_hash: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who decided last.
    pub changed_by: AccountId,
    /// When.
    pub changed_at: Instant,
}

/// Other public words of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = moderated_answers, primary_key(answer_id))]
pub struct ModeratedAnswerRow {
    /// Of which answer.
    pub answer_id: AnswerId,
    /// Of which petition.
    pub petition_id: PetitionId,
    /// The words.
    pub content: String,
    /// Their hash, as the timeline has it.
    pub text_hash: String,
    /// The hash of the answer for which they were written.
    pub answer_hash: String,
}

/// The decision about a petition.
pub fn find(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<ModerationRow>, StorageError> {
    Ok(moderations::table.find(petition).select(ModerationRow::as_select()).first(connection).optional()?)
}

/// The number and the detail of the newest entry of the timeline that tells of a decision.
pub fn newest_entry(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<(i32, String)>, StorageError> {
    let entries = timeline::table.filter(timeline::petition_id.eq(petition).and(timeline::action.eq(Action::Moderate)));
    let newest = entries.order(timeline::sequence.desc()).select((timeline::sequence, timeline::detail));
    Ok(newest.first(connection).optional()?)
}

/// Stores or replaces a decision.
pub fn store(connection: &mut DbConnection, row: &ModerationRow) -> Result<(), StorageError> {
    if diesel::update(moderations::table.find(row.petition_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(moderations::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// The public words of an answer.
pub fn of_answer(connection: &mut DbConnection, answer: AnswerId) -> Result<Option<ModeratedAnswerRow>, StorageError> {
    Ok(moderated_answers::table.find(answer).select(ModeratedAnswerRow::as_select()).first(connection).optional()?)
}

/// The public words of all answers to some petitions.
pub fn answers_of(connection: &mut DbConnection, petitions: &[PetitionId]) -> Result<Vec<ModeratedAnswerRow>, StorageError> {
    let of_petitions = moderated_answers::table.filter(moderated_answers::petition_id.eq_any(petitions));
    Ok(of_petitions.order(moderated_answers::answer_id).select(ModeratedAnswerRow::as_select()).load(connection)?)
}

/// Stores or replaces the public words of an answer.
pub fn store_answer(connection: &mut DbConnection, row: &ModeratedAnswerRow) -> Result<(), StorageError> {
    if diesel::update(moderated_answers::table.find(row.answer_id)).set(row).execute(connection)? == 0 {
        diesel::insert_into(moderated_answers::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Goes back to what masking gives.
pub fn remove_answer(connection: &mut DbConnection, answer: AnswerId) -> Result<(), StorageError> {
    diesel::delete(moderated_answers::table.find(answer)).execute(connection)?;
    Ok(())
}
