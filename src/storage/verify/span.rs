//! A span of petitions with everything that hangs on them.

use crate::domain::ids::PetitionId;
use crate::domain::petition::Status;
use crate::domain::timeline::TimelineEntry;
use crate::storage::documents::DocumentRow;
use crate::storage::petitions::PetitionRow;
use crate::storage::schema::{answers, deadlines, documents, petition_texts, petitioners, petitions};
use crate::storage::{DbConnection, StorageError, timeline};
use diesel::dsl::count_star;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// Petitions next to one another by row number.
pub struct Span {
    /// Their states.
    pub petitions: Vec<PetitionRow>,
    /// Their timelines with the stored hashes, by petition and sequence.
    pub entries: Vec<(TimelineEntry, String)>,
    /// Their lines in registers, by petition and row number.
    pub documents: Vec<DocumentRow>,
    /// Those that have words.
    pub with_text: HashSet<PetitionId>,
    /// Those that have a petitioner.
    pub with_petitioner: HashSet<PetitionId>,
    /// Those that have a deadline.
    pub with_deadline: HashSet<PetitionId>,
    /// How many answers were sent.
    pub sent_answers: HashMap<PetitionId, i64>,
    /// The states of the petitions that they repeat, by row number of those.
    pub originals: HashMap<PetitionId, Status>,
}

/// The span behind `after`; none at the end.
///
/// # Errors
/// Only those of the database.
pub fn span(connection: &mut DbConnection, after: PetitionId, limit: i64) -> Result<Option<Span>, StorageError> {
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
    let sent_answers: Vec<(PetitionId, i64)> = answers::table
        .filter(answers::petition_id.gt(after))
        .filter(answers::petition_id.le(last))
        .filter(answers::answered_at.is_not_null())
        .group_by(answers::petition_id)
        .select((answers::petition_id, count_star()))
        .load(connection)?;
    Ok(Some(Span {
        entries: timeline::of_petitions(connection, after, last)?,
        with_text: petition_texts::table
            .filter(petition_texts::petition_id.gt(after))
            .filter(petition_texts::petition_id.le(last))
            .select(petition_texts::petition_id)
            .load(connection)?
            .into_iter()
            .collect(),
        with_petitioner: petitioners::table
            .filter(petitioners::petition_id.gt(after))
            .filter(petitioners::petition_id.le(last))
            .select(petitioners::petition_id)
            .load(connection)?
            .into_iter()
            .collect(),
        with_deadline: deadlines::table
            .filter(deadlines::petition_id.gt(after))
            .filter(deadlines::petition_id.le(last))
            .select(deadlines::petition_id)
            .load(connection)?
            .into_iter()
            .collect(),
        originals: originals(connection, &petitions)?,
        sent_answers: sent_answers.into_iter().collect(),
        documents,
        petitions,
    }))
}

/// Number and code of the petition behind `after`, where the rest of it cannot be read.
///
/// # Errors
/// Only those of the database.
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
