//! Publications in the order of their petitions, with the data they were made from.

use crate::db::schema::{anonymisations, moderations as decisions, petitions, publications, timeline};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::{Action, Status};
use crate::petitions::store::moderations::{self, ModeratedAnswerRow, ModerationRow};
use crate::petitions::store::publications::PublicationRow;
use crate::petitions::store::{AnswerRow, PetitionerRow, TextRow, answers, petitioners, texts};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// A publication with its petition and its sources. Missing or undecryptable sources are reported by other
/// checks.
#[derive(Clone)]
pub struct PublishedPetition {
    pub publication: PublicationRow,
    pub code: String,
    pub status: Status,
    /// When the petition was first answered.
    pub first_answered_at: Option<Instant>,
    pub text: Option<TextRow>,
    pub petitioner: Option<PetitionerRow>,
    /// The answer sent last.
    pub answer: Option<AnswerRow>,
    /// The moderation decision on the petition.
    pub moderation: Option<ModerationRow>,
    /// The moderation decision on that answer.
    pub moderated: Option<ModeratedAnswerRow>,
    /// Whether the petition was anonymised.
    pub is_anonymised: bool,
    /// Petitioners of the petitions that were merged into this one.
    pub merged: Vec<PetitionerRow>,
    /// Whether one of their rows cannot be decrypted.
    pub is_lacking: bool,
}

/// A moderation decision, the code of its petition, and sequence and detail of the newest timeline entry about
/// it.
pub type ModerationDecision = (ModerationRow, String, Option<(i32, String)>);

/// Returns a page of publications after the petition `after`.
pub fn page(connection: &mut DbConnection, after: PetitionId, limit: i64) -> Result<Vec<PublishedPetition>, StorageError> {
    type Stored = (PublicationRow, String, Status, Option<Instant>);
    let stored: Vec<Stored> = publications::table
        .inner_join(petitions::table.on(petitions::id.eq(publications::petition_id)))
        .filter(publications::petition_id.gt(after))
        // Repeats the condition for the joined table: with a merge join the planner would otherwise start at
        // its first row on every page.
        .filter(petitions::id.gt(after))
        .order(publications::petition_id)
        .limit(limit)
        .select((PublicationRow::as_select(), petitions::code, petitions::status, petitions::first_answered_at))
        .load(connection)?;
    let ids: Vec<PetitionId> = stored.iter().map(|(publication, ..)| publication.petition_id).collect();
    let mut texts: HashMap<PetitionId, TextRow> =
        texts::of_petitions(connection, &ids)?.into_iter().map(|text| (text.petition_id, text)).collect();
    let mut people = petitioners::of_petitions(connection, &ids)?;
    let mut sent = answers::sent_last(connection, &ids)?;
    let decided: Vec<ModerationRow> =
        decisions::table.filter(decisions::petition_id.eq_any(&ids)).select(ModerationRow::as_select()).load(connection)?;
    let mut decided: HashMap<PetitionId, ModerationRow> = decided.into_iter().map(|row| (row.petition_id, row)).collect();
    let moderated = moderations::answers_of(connection, &ids)?;
    let forgotten = forgotten(connection, &ids)?;
    let mut merged: HashMap<PetitionId, Vec<PetitionerRow>> = HashMap::new();
    let mut lacking = HashSet::new();
    for row in petitioners::merged_into(connection, &ids)? {
        match row.petitioner {
            Ok(petitioner) => merged.entry(row.into).or_default().push(petitioner),
            Err(_) => drop(lacking.insert(row.into)),
        }
    }
    let whole = |(publication, code, status, first_answered_at): Stored| {
        let id = publication.petition_id;
        let answer = sent.remove(&id);
        let of_answer = moderated.iter().find(|row| answer.as_ref().is_some_and(|answer| answer.id == row.answer_id));
        PublishedPetition {
            publication,
            code,
            status,
            first_answered_at,
            text: texts.remove(&id),
            petitioner: people.remove(&id),
            moderated: of_answer.cloned(),
            answer,
            moderation: decided.remove(&id),
            is_anonymised: forgotten.contains(&id),
            merged: merged.remove(&id).unwrap_or_default(),
            is_lacking: lacking.contains(&id),
        }
    };
    Ok(stored.into_iter().map(whole).collect())
}

fn forgotten(connection: &mut DbConnection, ids: &[PetitionId]) -> Result<HashSet<PetitionId>, StorageError> {
    let rows: Vec<PetitionId> = anonymisations::table
        .filter(anonymisations::petition_id.eq_any(ids))
        .select(anonymisations::petition_id)
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Returns a page of decisions after the petition `after`, each with the newest timeline entry about one.
pub fn decisions(connection: &mut DbConnection, after: PetitionId, limit: i64) -> Result<Vec<ModerationDecision>, StorageError> {
    let rows: Vec<(ModerationRow, String)> = decisions::table
        .inner_join(petitions::table.on(petitions::id.eq(decisions::petition_id)))
        .filter(decisions::petition_id.gt(after))
        .order(decisions::petition_id)
        .limit(limit)
        .select((ModerationRow::as_select(), petitions::code))
        .load(connection)?;
    let ids: Vec<PetitionId> = rows.iter().map(|(row, _)| row.petition_id).collect();
    let entries: Vec<(PetitionId, i32, String)> = timeline::table
        .filter(timeline::petition_id.eq_any(&ids).and(timeline::action.eq(Action::Moderate)))
        .order((timeline::petition_id, timeline::sequence))
        .select((timeline::petition_id, timeline::sequence, timeline::detail))
        .load(connection)?;
    let newest = entries.into_iter().map(|(petition, sequence, detail)| (petition, (sequence, detail)));
    let mut newest: HashMap<PetitionId, (i32, String)> = newest.collect();
    let whole = |(row, code): (ModerationRow, String)| {
        let entry = newest.remove(&row.petition_id);
        (row, code, entry)
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// Returns codes of answered petitions that should be published and are not.
pub fn missing(connection: &mut DbConnection, limit: i64) -> Result<Vec<String>, StorageError> {
    let valid: Vec<Status> = Status::ALL.iter().copied().filter(|status| status.is_valid()).collect();
    let taken_down = decisions::table.filter(decisions::is_published.eq(false)).select(decisions::petition_id);
    Ok(petitions::table
        .left_join(publications::table.on(publications::petition_id.eq(petitions::id)))
        .filter(petitions::first_answered_at.is_not_null().and(petitions::status.eq_any(valid)))
        .filter(publications::petition_id.nullable().is_null())
        .filter(petitions::id.ne_all(taken_down))
        .order(petitions::id)
        .limit(limit)
        .select(petitions::code)
        .load(connection)?)
}
