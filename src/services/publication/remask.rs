//! What is public, masked anew: by newer rules, or without a person who is forgotten.

use super::{Source, hash_of, known, row};
use crate::app::App;
use crate::domain::ids::PetitionId;
use crate::domain::masking::{Known, VERSION};
use crate::services::error::ServiceError;
use crate::storage::moderations;
use crate::storage::petitions::{answers, petitioners, texts};
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

/// Makes a public version again from its source, with the place and the times that it has.
fn rewrite(connection: &mut DbConnection, present: &PublicationRow, known: &Known) -> Result<(), StorageError> {
    let id = present.petition_id;
    let Some(answer) = answers::sent(connection, id)? else { return publications::withdraw(connection, id) };
    let (text, petitioner) = (texts::find(connection, id)?, petitioners::find(connection, id)?);
    let (moderation, moderated) = (moderations::find(connection, id)?, moderations::of_answer(connection, answer.id)?);
    let (moderation, moderated) = (moderation.as_ref(), moderated.as_ref());
    let source = Source { text: &text, petitioner: &petitioner, answer: &answer, moderation, moderated };
    let made = row(&source, known, present.published_at);
    // Whoever was forgotten has no place any more; the rounded one was public before and tells of nobody.
    let place = (present.latitude, present.longitude);
    publications::publish(connection, &PublicationRow { latitude: place.0, longitude: place.1, ..made })
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
    match publications::of_petition(connection, id)? {
        Some(present) => rewrite(connection, &present, known),
        None => Ok(()),
    }
}
