//! Masks publications again: under newer masking rules, after the erasure of a person, or after a merge that adds a
//! petitioner to mask.

use super::hash_of;
use super::store;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::masking::VERSION;
use crate::petitions::store::publications::{self, PublicationRow};
use crate::petitions::store::{PetitionerRow, answers, moderations, petitioners};

/// Publications per transaction.
const BATCH: i64 = 200;

/// Masks publications of earlier rule versions again; does nothing when all are current.
///
/// Safe to run from several instances at once: each masks what it finds, with the same result.
pub async fn ensure_masked(app: &App) -> Result<(), ServiceError> {
    let mut count = 0;
    loop {
        if app.db.read(|connection| publications::masked_before(connection, VERSION, 1)).await?.is_empty() {
            break;
        }
        count += app.db.write(again).await?;
    }
    if count > 0 {
        tracing::info!(publications = count, "publications masked again by newer rules");
    }
    Ok(())
}

fn again(connection: &mut DbConnection) -> Result<usize, StorageError> {
    let old = publications::masked_before(connection, VERSION, BATCH)?;
    for publication in &old {
        rewrite(connection, publication, None)?;
    }
    Ok(old.len())
}

/// Rebuilds a public version from its source, keeping its timestamps.
fn rewrite(connection: &mut DbConnection, present: &PublicationRow, besides: Option<&PetitionerRow>) -> Result<(), StorageError> {
    match answers::sent(connection, present.petition_id)? {
        Some(answer) => store(connection, &answer, present.published_at, besides),
        None => publications::withdraw(connection, present.petition_id),
    }
}

/// Masks the petitioner of a petition being merged in the public version of the original, if there is one.
pub fn hide_too(connection: &mut DbConnection, original: PetitionId, merged: PetitionId) -> Result<(), StorageError> {
    let Some(present) = publications::of_petition(connection, original)? else { return Ok(()) };
    let merged = petitioners::find(connection, merged)?;
    rewrite(connection, &present, Some(&merged))
}

/// Change of the moderated texts of a petition after a person was removed from them.
pub struct ModeratedWords {
    /// Sequence of the newest timeline entry with a hash of these texts.
    pub entry: i32,
    /// Hash in that entry.
    pub was: String,
    /// Hash now.
    pub now: String,
}

/// Rebuilds the public version after a person was erased: removes the person from moderated texts too and returns how
/// their hash changed.
pub fn republish(
    connection: &mut DbConnection,
    id: PetitionId,
    taken_out: &dyn Fn(&str) -> String,
) -> Result<Option<ModeratedWords>, StorageError> {
    take_out_of_chosen_answers(connection, id, taken_out)?;
    let chosen = take_out_of_chosen_words(connection, id, taken_out)?;
    if let Some(present) = publications::of_petition(connection, id)? {
        rewrite(connection, &present, None)?;
    }
    Ok(chosen)
}

fn take_out_of_chosen_words(
    connection: &mut DbConnection,
    id: PetitionId,
    taken_out: &dyn Fn(&str) -> String,
) -> Result<Option<ModeratedWords>, StorageError> {
    let Some(mut moderation) = moderations::find(connection, id)? else { return Ok(None) };
    for text in [&mut moderation.title, &mut moderation.content, &mut moderation.reason].into_iter().flatten() {
        *text = taken_out(text);
    }
    moderation.text_hash = hash_of(&[moderation.title.as_deref(), moderation.content.as_deref()]);
    moderations::store(connection, &moderation)?;
    let Some((entry, detail)) = moderations::newest_entry(connection, id)? else { return Ok(None) };
    let detail: serde_json::Value = serde_json::from_str(&detail).unwrap_or_default();
    let was = detail.get("text_hash").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    Ok((was != moderation.text_hash).then_some(ModeratedWords { entry, was, now: moderation.text_hash }))
}

fn take_out_of_chosen_answers(
    connection: &mut DbConnection,
    id: PetitionId,
    taken_out: &dyn Fn(&str) -> String,
) -> Result<(), StorageError> {
    for mut moderated in moderations::answers_of(connection, &[id])? {
        moderated.content = taken_out(&moderated.content);
        moderated.text_hash = hash_of(&[Some(&moderated.content)]);
        if let Some(answer) = answers::sent(connection, id)?.filter(|answer| answer.id == moderated.answer_id) {
            moderated.answer_hash = hash_of(&[Some(&answer.content)]);
        }
        moderations::store_answer(connection, &moderated)?;
    }
    Ok(())
}
