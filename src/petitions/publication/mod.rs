//! What becomes public when an answer is sent: title, content and answer without personal data, a rounded place.
//!
//! Whatever tells of somebody in the texts is masked; who filed, and the exact pin, never come near this table (Decree 356/2025,
//! article 4). Rules: what is public follows the petition. It is there from the first answer on, also while the petition is looked at
//! again, and is gone when the petition is refused or merged; a leader or a coordinator may take it down, put it back and choose
//! other words, which are masked like the first ones. An answer to several petitioners may name each: whoever filed what was merged into
//! a petition is masked like its own petitioner.

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

/// Everything that a public version is made of.
#[derive(Clone)]
pub struct PublicationSource<'a> {
    /// The words of the petition.
    pub text: &'a TextRow,
    /// Who filed it.
    pub petitioner: &'a PetitionerRow,
    /// The answer.
    pub answer: &'a AnswerRow,
    /// What was decided about it.
    pub moderation: Option<&'a ModerationRow>,
    /// What was decided about the words of the answer.
    pub moderated: Option<&'a ModeratedAnswerRow>,
}

/// Publishes the petition of a step with its answer, unless somebody decided otherwise.
pub fn publish(step: &mut Step<'_>, answer: &AnswerRow) -> Result<(), ServiceError> {
    let now = step.ctx.now;
    Ok(store(step.connection, answer, now, None)?)
}

/// Stores or takes away the public version of an answered petition, as was decided. Whoever filed it, or what was merged into it, is masked,
/// and so is whoever is given `besides`.
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
        // Whoever was forgotten has no place any more; the rounded one was public before and tells of nobody.
        (made.latitude, made.longitude) = (present.latitude, present.longitude);
    }
    publications::publish(connection, &made)
}

/// What becomes public of a petition about which nobody decided otherwise and into which nothing was merged.
#[must_use]
pub fn publication(ctx: &StepContext, text: &TextRow, petitioner: &PetitionerRow, answer: &AnswerRow) -> PublicationRow {
    row(&PublicationSource { text, petitioner, answer, moderation: None, moderated: None }, &known(petitioner), ctx.now)
}

/// The public version.
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

/// Title and content as everybody reads them.
fn words(text: &TextRow, moderation: Option<&ModerationRow>, known: &KnownPerson) -> (String, String) {
    let chosen = |of: &dyn Fn(&ModerationRow) -> Option<String>| moderation.and_then(of);
    let title = chosen(&|moderation| moderation.title.clone());
    let content = chosen(&|moderation| moderation.content.clone());
    (mask(title.as_ref().unwrap_or(&text.title), known), mask(content.as_ref().unwrap_or(&text.content), known))
}

/// The answer as everybody reads it: other words count as long as it is the one for which they were chosen.
fn answer_words(answer: &AnswerRow, moderated: Option<&ModeratedAnswerRow>, known: &KnownPerson) -> String {
    let fits = |moderated: &&ModeratedAnswerRow| moderated.answer_hash == hash_of(&[Some(&answer.content)]);
    let chosen = moderated.filter(fits).map(|moderated| &moderated.content);
    mask(chosen.unwrap_or(&answer.content), known)
}

/// SHA-256 over texts, each with its length, in lower-case hex.
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

/// What is known of who filed, and must not be read in what is published.
#[must_use]
pub fn known(petitioner: &PetitionerRow) -> KnownPerson {
    also(KnownPerson::nobody(), petitioner).place(petitioner.latitude.zip(petitioner.longitude))
}

/// The same together with whoever filed what was merged into the petition.
#[must_use]
pub fn known_of_all<'a>(petitioner: &PetitionerRow, merged: impl IntoIterator<Item = &'a PetitionerRow>) -> KnownPerson {
    merged.into_iter().fold(known(petitioner), also)
}

/// The same, as the database has them.
fn known_with_merged(connection: &mut DbConnection, petitioner: &PetitionerRow) -> Result<KnownPerson, StorageError> {
    let mut known = known(petitioner);
    for merged in petitioners::merged_into(connection, &[petitioner.petition_id])? {
        known = also(known, &merged.petitioner?);
    }
    Ok(known)
}

/// What is known of one more person; the exact place stays that of the first, whose case it is.
fn also(known: KnownPerson, person: &PetitionerRow) -> KnownPerson {
    known
        .name(person.full_name.as_deref())
        .company(person.company_name.as_deref())
        .phone(person.phone.as_deref())
        .email(person.email.as_deref())
        .number(person.tax_code.as_deref())
        .address(person.address.as_deref())
}
