//! Reads a page of petitions with all their related rows.

use crate::attachments::store::AttachmentRow;
use crate::db::schema::{
    answers, attachments, deadlines, documents, notifications, petition_texts, petitioners, petitions, requests,
};
use crate::db::{DbConnection, StorageError};
use crate::delivery::store::notifications::NotificationRow;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::Status;
use crate::petitions::rules::timeline::TimelineEntry;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::petitioners::SealedPetitionerRow;
use crate::petitions::store::{AnswerRow, DeadlineRow, PetitionRow, PetitionerRow, RequestRow, TextRow, timeline};
use diesel::prelude::*;
use std::collections::HashMap;

/// A page of petitions, consecutive by row id.
pub struct PetitionSpan {
    pub petitions: Vec<PetitionRow>,
    /// Timeline entries with the stored hashes, by petition and sequence.
    pub entries: Vec<(TimelineEntry, String)>,
    /// Register rows, by petition and row id.
    pub documents: Vec<DocumentRow>,
    pub texts: HashMap<PetitionId, TextRow>,
    pub petitioners: HashMap<PetitionId, StoredPetitioner>,
    pub deadlines: HashMap<PetitionId, DeadlineRow>,
    /// Answers, by petition and row id.
    pub answers: HashMap<PetitionId, Vec<AnswerRow>>,
    /// Requests, by petition and row id.
    pub requests: HashMap<PetitionId, Vec<RequestRow>>,
    /// Files, by petition, in the order in which they were attached.
    pub files: HashMap<PetitionId, Vec<AttachmentRow>>,
    /// Notifications in the application, by petition and timeline entry.
    pub notifications: HashMap<PetitionId, Vec<NotificationRow>>,
    /// Status of the originals of duplicate petitions, by row id of the original.
    pub originals: HashMap<PetitionId, Status>,
}

/// The petitioner of a petition, as far as it can be decrypted.
pub struct StoredPetitioner {
    /// Whether the identity is hidden from the handling agency.
    pub hides: bool,
    /// The decrypted row; `None` when the key is missing or decryption fails, which another check reports.
    pub opened: Option<PetitionerRow>,
}

/// Returns the page after the petition `after`; `None` at the end.
pub fn span(connection: &mut DbConnection, after: PetitionId, limit: i64) -> Result<Option<PetitionSpan>, StorageError> {
    let petitions: Vec<PetitionRow> = petitions::table
        .filter(petitions::id.gt(after))
        .order(petitions::id)
        .limit(limit)
        .select(PetitionRow::as_select())
        .load(connection)?;
    let Some(last) = petitions.last().map(|petition| petition.id) else { return Ok(None) };
    let documents: Vec<DocumentRow> = documents::table
        .filter(documents::petition_id.gt(after))
        .filter(documents::petition_id.le(last))
        .order((documents::petition_id, documents::id))
        .select(DocumentRow::as_select())
        .load(connection)?;
    let answers: Vec<AnswerRow> = answers::table
        .filter(answers::petition_id.gt(after))
        .filter(answers::petition_id.le(last))
        .order((answers::petition_id, answers::id))
        .select(AnswerRow::as_select())
        .load(connection)?;
    let requests: Vec<RequestRow> = requests::table
        .filter(requests::petition_id.gt(after))
        .filter(requests::petition_id.le(last))
        .order((requests::petition_id, requests::id))
        .select(RequestRow::as_select())
        .load(connection)?;
    let texts: Vec<TextRow> = petition_texts::table
        .filter(petition_texts::petition_id.gt(after))
        .filter(petition_texts::petition_id.le(last))
        .select(TextRow::as_select())
        .load(connection)?;
    let petitioners: Vec<SealedPetitionerRow> = petitioners::table
        .filter(petitioners::petition_id.gt(after))
        .filter(petitioners::petition_id.le(last))
        .select(SealedPetitionerRow::as_select())
        .load(connection)?;
    let deadlines: Vec<DeadlineRow> = deadlines::table
        .filter(deadlines::petition_id.gt(after))
        .filter(deadlines::petition_id.le(last))
        .select(DeadlineRow::as_select())
        .load(connection)?;
    let notifications: Vec<NotificationRow> = notifications::table
        .filter(notifications::petition_id.gt(after))
        .filter(notifications::petition_id.le(last))
        .order((notifications::petition_id, notifications::sequence, notifications::id))
        .select(NotificationRow::as_select())
        .load(connection)?;
    let petitioner = |row: SealedPetitionerRow| StoredPetitioner { hides: row.hide_identity, opened: row.open().ok() };
    Ok(Some(PetitionSpan {
        entries: timeline::of_petitions(connection, after, last)?,
        texts: texts.into_iter().map(|row| (row.petition_id, row)).collect(),
        petitioners: petitioners.into_iter().map(|row| (row.petition_id, petitioner(row))).collect(),
        deadlines: deadlines.into_iter().map(|row| (row.petition_id, row)).collect(),
        answers: grouped(answers, |row| row.petition_id),
        requests: grouped(requests, |row| row.petition_id),
        files: files(connection, after, last)?,
        notifications: grouped(notifications, |row| row.petition_id),
        originals: originals(connection, &petitions)?,
        documents,
        petitions,
    }))
}

/// Returns the files attached to the petitions of a page.
fn files(
    connection: &mut DbConnection,
    after: PetitionId,
    last: PetitionId,
) -> Result<HashMap<PetitionId, Vec<AttachmentRow>>, StorageError> {
    let joined: Vec<AttachmentRow> = attachments::table
        .filter(attachments::petition_id.gt(after))
        .filter(attachments::petition_id.le(last))
        .order((attachments::petition_id, attachments::joined_at, attachments::position, attachments::id))
        .select(AttachmentRow::as_select())
        .load(connection)?;
    let mut files: HashMap<PetitionId, Vec<AttachmentRow>> = HashMap::new();
    for row in joined {
        if let Some(petition) = row.petition_id {
            files.entry(petition).or_default().push(row);
        }
    }
    Ok(files)
}

/// Returns id and code of the petition after `after`, for a petition whose other data cannot be read.
pub fn next(connection: &mut DbConnection, after: PetitionId) -> Result<Option<(PetitionId, String)>, StorageError> {
    let behind = petitions::table.filter(petitions::id.gt(after)).order(petitions::id);
    Ok(behind.select((petitions::id, petitions::code)).first(connection).optional()?)
}

fn originals(connection: &mut DbConnection, petitions: &[PetitionRow]) -> Result<HashMap<PetitionId, Status>, StorageError> {
    let wanted: Vec<PetitionId> = petitions.iter().filter_map(|petition| petition.merged_into_id).collect();
    let rows: Vec<(PetitionId, Status)> =
        petitions::table.filter(petitions::id.eq_any(wanted)).select((petitions::id, petitions::status)).load(connection)?;
    Ok(rows.into_iter().collect())
}

fn grouped<T>(rows: Vec<T>, petition: impl Fn(&T) -> PetitionId) -> HashMap<PetitionId, Vec<T>> {
    let mut groups: HashMap<PetitionId, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(petition(&row)).or_default().push(row);
    }
    groups
}
