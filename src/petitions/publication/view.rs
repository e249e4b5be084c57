//! The public version beside its source, for approvers: the public text, or its preview, and what was masked in it.

use super::answer_words;
use super::known_with_merged;
use super::words;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{DocumentId, PetitionId};
use crate::kernel::location::Location;
use crate::petitions::concealed::{self, ConcealedPetitioner};
use crate::petitions::documents::read::in_register_of;
use crate::petitions::read::{Place, visible};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::masking::{KnownPerson, MaskKind, mask, masked};
use crate::petitions::rules::{Outcome, Status};
use crate::petitions::store::{AnswerRow, PetitionRow, answers, documents, moderations, petitioners, publications, state, texts};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that was masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaskView {
    /// What it tells of.
    pub kind: MaskKind,
    /// Where it begins in the source, in characters.
    pub at: usize,
    /// How many characters it has.
    pub length: usize,
}

/// A text as it was written and as everybody reads it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicText {
    /// As it was written; for officers without what tells of somebody who hides.
    pub source: String,
    /// As everybody reads it, with `[…]` for what was masked.
    pub public: String,
    /// What was masked in the source.
    pub masked: Vec<MaskView>,
    /// Whether somebody chose other words than masking gives.
    pub is_changed: bool,
}

/// The public version of a petition beside its source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicationView {
    /// The code of the petition.
    pub code: String,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// Whether everybody can read it now.
    pub is_public: bool,
    /// Whether it is to be public once it is answered; `false` when it was taken down.
    pub published: bool,
    /// The title.
    pub title: PublicText,
    /// The content.
    pub content: PublicText,
    /// The answer that waits for approval, or the one that was sent last; none before there is one.
    pub answer: Option<PublicText>,
    /// What that answer says in one word.
    pub outcome: Option<Outcome>,
    /// Where it is, rounded to about 100 m.
    pub location: Option<Place>,
    /// Since when everybody can read it.
    pub published_at: Option<Instant>,
    /// The reason of the last decision.
    pub reason: Option<String>,
    /// When that was.
    pub changed_at: Option<Instant>,
}

/// Returns the view for an officer of the holding agency.
///
/// # Errors
/// [`ErrorCode::DocumentNotFound`] when the document is not in the register of the officer's agency or has left it.
pub async fn of_document(app: &App, actor: &Actor, id: DocumentId) -> Result<PublicationView, ServiceError> {
    let actor = actor.clone();
    app.db
        .read(move |connection| {
            let document = in_register_of(connection, &actor, id)?;
            let petition = state::find(connection, document.petition_id)?.ok_or(ErrorCode::DocumentNotFound)?;
            let newest = documents::state::newest_of(connection, petition.id)?;
            if petition.agency_id != actor.agency_id || newest.is_none_or(|newest| newest.id != id) {
                return Err(ErrorCode::DocumentNotFound.into());
            }
            let concealed = concealed::person_of(connection, petition.id)?;
            view(connection, &petition, document.version, concealed)
        })
        .await
}

/// Returns the view for the coordinator.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`].
pub async fn of_petition(app: &App, actor: &Actor, code: &PetitionCode) -> Result<PublicationView, ServiceError> {
    let (actor, code) = (actor.clone(), code.clone());
    app.db
        .read(move |connection| {
            let (petition, _) = visible(connection, &Caller::account(actor.clone()), &code)?;
            let version = petition.version;
            view(connection, &petition, version, None)
        })
        .await
}

/// Returns the answer concerned: the draft waiting for approval, or the last one sent.
pub(super) fn answer_of(
    connection: &mut DbConnection,
    id: PetitionId,
    status: Status,
) -> Result<Option<AnswerRow>, ServiceError> {
    Ok(match status {
        Status::AwaitingApproval => answers::draft(connection, id)?,
        _ => answers::sent(connection, id)?,
    })
}

/// For officers, the source is itself masked when the petitioner hides.
fn view(
    connection: &mut DbConnection,
    petition: &PetitionRow,
    version: i32,
    concealed: Option<ConcealedPetitioner>,
) -> Result<PublicationView, ServiceError> {
    let id = petition.id;
    let (text, petitioner) = (texts::find(connection, id)?, petitioners::find(connection, id)?);
    let moderation = moderations::find(connection, id)?;
    let present = publications::of_petition(connection, id)?;
    let answer = answer_of(connection, id, petition.status)?;
    let moderated = match &answer {
        Some(answer) => moderations::of_answer(connection, answer.id)?,
        None => None,
    };
    let known = known_with_merged(connection, &petitioner)?;
    let (title, content) = words(&text, moderation.as_ref(), &known);
    let place = petitioner.latitude.zip(petitioner.longitude);
    let place = place.and_then(|(latitude, longitude)| Location::new(latitude, longitude).ok()).map(Location::rounded_for_public);
    let location = place.map(|place| Place { latitude: place.latitude(), longitude: place.longitude() });
    let public_answer =
        |answer: &AnswerRow| public_text(&answer.content, None, answer_words(answer, moderated.as_ref(), &known), &known);
    Ok(PublicationView {
        code: petition.code.clone(),
        version,
        is_public: present.is_some(),
        published: moderation.as_ref().is_none_or(|moderation| moderation.is_published),
        title: public_text(&text.title, concealed.as_ref(), title, &known),
        content: public_text(&text.content, concealed.as_ref(), content, &known),
        answer: answer.as_ref().map(public_answer),
        outcome: answer.map(|answer| answer.outcome),
        location,
        published_at: present.map(|present| present.published_at),
        reason: moderation.as_ref().and_then(|moderation| moderation.reason.clone()),
        changed_at: moderation.map(|moderation| moderation.changed_at),
    })
}

fn public_text(written: &str, concealed: Option<&ConcealedPetitioner>, public: String, known: &KnownPerson) -> PublicText {
    let is_changed = public != mask(written, known);
    let source = concealed.map_or_else(|| written.to_owned(), |person| person.mask(written));
    let characters = |bytes: std::ops::Range<usize>| source.get(bytes).unwrap_or_default().chars().count();
    let masks = masked(&source, known).masks.into_iter();
    let masked = masks.map(|(kind, span)| MaskView { kind, at: characters(0..span.start), length: characters(span) }).collect();
    PublicText { masked, is_changed, source, public }
}
