//! What is public, masked anew: by newer rules, without a person who is forgotten, or without one whose petition was merged into it.

use super::{Source, also, answer_words, hash_of, known, known_of_all, row};
use crate::app::App;
use crate::domain::ids::PetitionId;
use crate::domain::masking::{Known, VERSION, mask};
use crate::domain::search_text;
use crate::services::error::ServiceError;
use crate::storage::moderations::{self, ModeratedAnswerRow};
use crate::storage::petitions::{PetitionerRow, answers, petitioners, state, texts};
use crate::storage::publications::{self, PublicationRow};
use crate::storage::{DbConnection, StorageError};

/// Publications of one transaction.
const BATCH: i64 = 200;

/// Masks what earlier rules have published anew; nothing when everything is of these rules.
///
/// Several instances may start at once: each masks what it finds, with the same result.
///
/// # Errors
/// Those of the database.
pub async fn ensure_masked(app: &App) -> Result<(), ServiceError> {
    let mut count = 0;
    loop {
        if app.db.read(|connection| publications::masked_before(connection, VERSION, 1)).await?.is_empty() {
            break;
        }
        count += app.db.write(again).await?;
    }
    if count > 0 {
        tracing::info!(publications = count, "masked what was published by earlier rules");
    }
    Ok(())
}

fn again(connection: &mut DbConnection) -> Result<usize, StorageError> {
    let old = publications::masked_before(connection, VERSION, BATCH)?;
    for publication in &old {
        let known = known(&petitioners::find(connection, publication.petition_id)?);
        rewrite(connection, publication, &known)?;
    }
    Ok(old.len())
}

/// Makes a public version again from its source, with the place and the times that it has; whoever filed what was merged into it is
/// masked beside those that are `known`.
fn rewrite(connection: &mut DbConnection, present: &PublicationRow, known: &Known) -> Result<(), StorageError> {
    let id = present.petition_id;
    let Some(answer) = answers::sent(connection, id)? else { return publications::withdraw(connection, id) };
    let (text, petitioner) = (texts::find(connection, id)?, petitioners::find(connection, id)?);
    let (moderation, moderated) = (moderations::find(connection, id)?, moderations::of_answer(connection, answer.id)?);
    let (moderation, moderated) = (moderation.as_ref(), moderated.as_ref());
    let source = Source { text: &text, petitioner: &petitioner, answer: &answer, moderation, moderated };
    let merged = petitioners::merged_into(connection, &[id])?;
    let is_lacking = merged.iter().any(|merged| merged.is_forgotten);
    let mut known = known.clone();
    for merged in merged {
        known = also(known, &merged.petitioner?);
    }
    let mut made = row(&source, &known, present.published_at);
    if is_lacking {
        // Nobody knows any more what has to be masked in the source; what is public already is masked.
        made.title = mask(&present.title, &known);
        made.content = mask(&present.content, &known);
        made.search_text = search_text::fold(&format!("{} {}", made.title, made.content));
    }
    // Whoever was forgotten has no place any more; the rounded one was public before and tells of nobody.
    let place = (present.latitude, present.longitude);
    publications::publish(connection, &PublicationRow { latitude: place.0, longitude: place.1, ..made })
}

/// Masks whoever filed a petition that is being merged in the public version of the other one, if there is one.
///
/// # Errors
/// Only those of the database.
pub fn hide_too(connection: &mut DbConnection, original: PetitionId, merged: PetitionId) -> Result<(), StorageError> {
    let Some(present) = publications::of_petition(connection, original)? else { return Ok(()) };
    let (petitioner, merged) = (petitioners::find(connection, original)?, petitioners::find(connection, merged)?);
    rewrite(connection, &present, &known_of_all(&petitioner, [&merged]))
}

/// Keeps a person who is about to be forgotten masked in the answer to the petition into which theirs was merged: from then on the
/// masked words stand for it, because nobody knows any more what to look for.
fn keep_masked(connection: &mut DbConnection, merged: PetitionId, known: &Known) -> Result<(), StorageError> {
    let Some(original) = state::find(connection, merged)?.and_then(|petition| petition.merged_into_id) else { return Ok(()) };
    let Some(answer) = answers::sent(connection, original)? else { return Ok(()) };
    let petitioner = petitioners::find(connection, original)?;
    let others = petitioners::merged_into(connection, &[original])?.into_iter().filter(|other| other.petition_id != merged);
    let others: Vec<PetitionerRow> = others.map(|other| other.petitioner).collect::<Result<_, _>>()?;
    let moderated = moderations::of_answer(connection, answer.id)?;
    let words = answer_words(&answer, moderated.as_ref(), &known_of_all(&petitioner, &others));
    let content = mask(&words, known);
    if content == words {
        return Ok(());
    }
    let (text_hash, answer_hash) = (hash_of(&[Some(&content)]), hash_of(&[Some(&answer.content)]));
    let row = ModeratedAnswerRow { answer_id: answer.id, petition_id: original, content, text_hash, answer_hash };
    moderations::store_answer(connection, &row)
}

/// Takes a person out of the public version of a petition and out of what was decided about it. Called when the words of the petition
/// and of its answers are rewritten, with what was known of the person before; `masked` takes them out of a text.
///
/// # Errors
/// Only those of the database.
pub fn forget_person(
    connection: &mut DbConnection,
    id: PetitionId,
    known: &Known,
    masked: &dyn Fn(&str) -> String,
) -> Result<(), StorageError> {
    keep_masked(connection, id, known)?;
    take_out_of_decisions(connection, id, masked)?;
    match publications::of_petition(connection, id)? {
        Some(present) => rewrite(connection, &without(present, masked), known),
        None => Ok(()),
    }
}

/// Makes the public version of a petition again after somebody else was taken out of its words.
///
/// # Errors
/// Only those of the database.
pub fn follow_words(
    connection: &mut DbConnection,
    id: PetitionId,
    taken_out: &dyn Fn(&str) -> String,
) -> Result<(), StorageError> {
    take_out_of_decisions(connection, id, taken_out)?;
    match publications::of_petition(connection, id)? {
        Some(present) => {
            let known = known(&petitioners::find(connection, id)?);
            rewrite(connection, &without(present, taken_out), &known)
        }
        None => Ok(()),
    }
}

/// A public version whose own words may be all that can be masked anew.
fn without(present: PublicationRow, taken_out: &dyn Fn(&str) -> String) -> PublicationRow {
    PublicationRow { title: taken_out(&present.title), content: taken_out(&present.content), ..present }
}

/// Other words that somebody chose.
fn take_out_of_decisions(
    connection: &mut DbConnection,
    id: PetitionId,
    masked: &dyn Fn(&str) -> String,
) -> Result<(), StorageError> {
    if let Some(mut moderation) = moderations::find(connection, id)? {
        for text in [&mut moderation.title, &mut moderation.content, &mut moderation.reason].into_iter().flatten() {
            *text = masked(text);
        }
        moderation.text_hash = hash_of(&[moderation.title.as_deref(), moderation.content.as_deref()]);
        moderations::store(connection, &moderation)?;
    }
    for mut moderated in moderations::answers_of(connection, &[id])? {
        moderated.content = masked(&moderated.content);
        moderated.text_hash = hash_of(&[Some(&moderated.content)]);
        if let Some(answer) = answers::sent(connection, id)?.filter(|answer| answer.id == moderated.answer_id) {
            moderated.answer_hash = hash_of(&[Some(&answer.content)]);
        }
        moderations::store_answer(connection, &moderated)?;
    }
    Ok(())
}
