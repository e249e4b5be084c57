//! The public version written when an answer is sent: title, content and answer without personal data, and a rounded
//! place.
//!
//! Personal data in the texts is masked; petitioner and exact position never enter this table (Decree 356/2025, article
//! 4). The version exists from the first answer on, also while the petition is reopened, and is removed when the
//! petition is refused or merged. A leader or coordinator may unpublish it, publish it again or replace its texts,
//! which are masked too. The petitioners of merged duplicates are masked like the petition's own, because an answer may
//! name them.

mod moderate;
mod remask;
mod view;

pub use moderate::{PublicationChanges, moderate_document, moderate_petition};
pub use remask::{ModeratedWords, ensure_masked, hide_too, republish};
pub use view::{PublicText, PublicationView, of_document, of_petition};

use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::kernel::location::Location;
use crate::kernel::{Instant, search_text};
use crate::petitions::rules::masking::{KnownPerson, VERSION, mask};
use crate::petitions::step::{Step, StepContext};
use crate::petitions::store::moderations::{self, ModeratedAnswerRow, ModerationRow};
use crate::petitions::store::publications::{self, PublicationRow};
use crate::petitions::store::{AnswerRow, PetitionerRow, TextRow, petitioners, texts};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Everything a public version is built from.
#[derive(Clone)]
pub struct PublicationSource<'a> {
    pub text: &'a TextRow,
    pub petitioner: &'a PetitionerRow,
    pub answer: &'a AnswerRow,
    /// The moderation decision about the petition.
    pub moderation: Option<&'a ModerationRow>,
    /// The replacement text of the answer, if any.
    pub moderated: Option<&'a ModeratedAnswerRow>,
}

/// Publishes the petition of a step with its answer, unless moderation has decided otherwise.
pub fn publish(step: &mut Step<'_>, answer: &AnswerRow) -> Result<(), ServiceError> {
    let now = step.ctx.now;
    Ok(store(step.connection, answer, now, None)?)
}

/// Stores or removes the public version of an answered petition, following the moderation decision. Masks its
/// petitioner, those of merged duplicates, and `besides` if given.
fn store(
    connection: &mut DbConnection,
    answer: &AnswerRow,
    published_at: Instant,
    besides: Option<&PetitionerRow>,
) -> Result<(), StorageError> {
    let id = answer.petition_id;
    let moderation = moderations::find(connection, id)?;
    if moderation.as_ref().is_some_and(|moderation| !moderation.is_published) {
        return publications::withdraw(connection, id);
    }
    let (text, petitioner) = (texts::find(connection, id)?, petitioners::find(connection, id)?);
    let moderated = moderations::of_answer(connection, answer.id)?;
    let (moderation, moderated) = (moderation.as_ref(), moderated.as_ref());
    let source = PublicationSource { text: &text, petitioner: &petitioner, answer, moderation, moderated };
    let known = besides.into_iter().fold(known_with_merged(connection, &petitioner)?, also);
    let mut made = row(&source, &known, published_at);
    if made.latitude.is_none()
        && let Some(present) = publications::of_petition(connection, id)?
    {
        // An erased petitioner has no position any more; the rounded one was public before and identifies nobody.
        (made.latitude, made.longitude) = (present.latitude, present.longitude);
    }
    publications::publish(connection, &made)
}

/// Returns the public version of a petition without moderation and without merged duplicates.
#[must_use]
pub fn publication(ctx: &StepContext, text: &TextRow, petitioner: &PetitionerRow, answer: &AnswerRow) -> PublicationRow {
    row(&PublicationSource { text, petitioner, answer, moderation: None, moderated: None }, &known(petitioner), ctx.now)
}

/// Builds the public version.
#[must_use]
pub fn row(source: &PublicationSource<'_>, known: &KnownPerson, published_at: Instant) -> PublicationRow {
    let PublicationSource { text, petitioner, answer, moderation, moderated } = source;
    let place = match (petitioner.latitude, petitioner.longitude) {
        (Some(latitude), Some(longitude)) => Location::new(latitude, longitude).ok().map(Location::rounded_for_public),
        _ => None,
    };
    let (title, content) = words(text, *moderation, known);
    PublicationRow {
        petition_id: text.petition_id,
        search_text: match title == text.title && content == text.content {
            true => text.search_text.clone(),
            false => search_text::fold(&format!("{title} {content}")),
        },
        title,
        content,
        answer: answer_words(answer, *moderated, known),
        outcome: answer.outcome.as_str().to_owned(),
        latitude: place.map(|place| place.latitude()),
        longitude: place.map(|place| place.longitude()),
        answered_at: answer.answered_at.unwrap_or(published_at),
        published_at,
        masked_by: VERSION,
    }
}

/// Returns the public title and content.
fn words(text: &TextRow, moderation: Option<&ModerationRow>, known: &KnownPerson) -> (String, String) {
    let chosen = |of: &dyn Fn(&ModerationRow) -> Option<String>| moderation.and_then(of);
    let title = chosen(&|moderation| moderation.title.clone());
    let content = chosen(&|moderation| moderation.content.clone());
    (mask(title.as_ref().unwrap_or(&text.title), known), mask(content.as_ref().unwrap_or(&text.content), known))
}

/// Returns the public text of the answer: a replacement text applies only to the answer it was written for.
fn answer_words(answer: &AnswerRow, moderated: Option<&ModeratedAnswerRow>, known: &KnownPerson) -> String {
    let fits = |moderated: &&ModeratedAnswerRow| moderated.answer_hash == hash_of(&[Some(&answer.content)]);
    let chosen = moderated.filter(fits).map(|moderated| &moderated.content);
    mask(chosen.unwrap_or(&answer.content), known)
}

/// Returns the SHA-256, in lower-case hex, of texts, each preceded by its length.
#[must_use]
pub fn hash_of(texts: &[Option<&str>]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        match text {
            None => hash.update(u64::MAX.to_be_bytes()),
            Some(text) => {
                hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(text.as_bytes());
            }
        }
    }
    HEXLOWER.encode(&hash.finalize())
}

/// Returns the known data of the petitioner, to be masked in published texts.
#[must_use]
pub fn known(petitioner: &PetitionerRow) -> KnownPerson {
    also(KnownPerson::nobody(), petitioner).place(petitioner.latitude.zip(petitioner.longitude))
}

/// Returns the known data of the petitioner and of those of merged duplicates.
#[must_use]
pub fn known_of_all<'a>(petitioner: &PetitionerRow, merged: impl IntoIterator<Item = &'a PetitionerRow>) -> KnownPerson {
    merged.into_iter().fold(known(petitioner), also)
}

/// The same as [`known_of_all`], with the merged petitioners read from the database.
fn known_with_merged(connection: &mut DbConnection, petitioner: &PetitionerRow) -> Result<KnownPerson, StorageError> {
    let mut known = known(petitioner);
    for merged in petitioners::merged_into(connection, &[petitioner.petition_id])? {
        known = also(known, &merged.petitioner?);
    }
    Ok(known)
}

/// Adds a further person; the exact place remains that of the petition's own case.
fn also(known: KnownPerson, person: &PetitionerRow) -> KnownPerson {
    known
        .name(person.full_name.as_deref())
        .company(person.company_name.as_deref())
        .phone(person.phone.as_deref())
        .email(person.email.as_deref())
        .number(person.tax_code.as_deref())
        .address(person.address.as_deref())
}
