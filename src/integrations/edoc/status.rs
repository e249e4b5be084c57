//! What a status message does to its document, through the same door as the officers of the agency.
//!
//! | Code | on the desk |
//! |---|---|
//! | 01, 04, 06 | a note; 06 is no answer: handled means that an approved answer was sent to the petitioner |
//! | 02 | returned to the coordinator with the reason |
//! | 03, 05 | accepted, if it was not yet; otherwise a note |
//! | 15, 16 | kept with the recall that they answer |
//!
//! Rules: only the organ that a document was sent to may speak about it, and only while the document is on its desk; a status that
//! does not fit is kept and shown, and moves nothing.

use super::dispatch::is_update;
use super::receive::{Effect, shortened, words};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::integrations::edoc::rules::edxml::message::{Organ, Status};
use crate::integrations::edoc::rules::edxml::organ_id::OrganId;
use crate::integrations::edoc::rules::edxml::status_code::StatusCode;
use crate::integrations::edoc::rules::{MessageKind, MessageState};
use crate::integrations::edoc::store::{LinkRow, MessageRow, links, messages};
use crate::kernel::Instant;
use crate::petitions::rules::{self as petition, Action};
use crate::petitions::step::{Desk, by_system};
use crate::petitions::store::{self as petitions, PetitionRow, documents};
use crate::petitions::{accept, hand_back};

/// Characters of what somebody there wrote, and of the note that tells of it.
const LONGEST: usize = 2000;

/// Applies a status and says what it did.
pub(super) fn apply(
    app: &App,
    connection: &mut DbConnection,
    link: &LinkRow,
    status: &Status,
    distrust: Option<&'static str>,
    now: Instant,
) -> Result<Effect, ServiceError> {
    let Some(mut sent) = sent_to(connection, link, &status.response_for.document_id)? else {
        return Ok(Effect::unfitting(distrust.unwrap_or("unknown_document")));
    };
    let (about, of) = (sent.petition_id, sent.document_id);
    let effect = |state, problem| Effect { state, problem, petition: about, document: of };
    if let Some(problem) = distrust {
        return Ok(effect(MessageState::Unfitting, Some(problem)));
    }
    let Some(code) = StatusCode::read(&status.code) else {
        return Ok(effect(MessageState::Unfitting, Some("unknown_code")));
    };
    if sent.kind == MessageKind::Status {
        // About something that we only answered.
        return Ok(effect(MessageState::Noted, None));
    }
    let (noted, unfitting) = (effect(MessageState::Noted, None), |problem| Ok(effect(MessageState::Unfitting, Some(problem))));
    if code == StatusCode::Recall {
        return unfitting("only_the_sender_recalls");
    }
    if matches!(code, StatusCode::RecallGranted | StatusCode::RecallDenied) {
        let name = format!("{}#{}", sent.message_id, StatusCode::Recall);
        let Some(mut recall) = messages::sent_as(connection, MessageKind::Status, &name)? else {
            return unfitting("nothing_was_recalled");
        };
        acknowledge(&mut recall, code, now);
        messages::update(connection, &recall)?;
        return Ok(noted);
    }
    acknowledge(&mut sent, code, now);
    messages::update(connection, &sent)?;
    // A status names the document, not which of our messages about it.
    for mut update in updates_of(connection, &sent)? {
        acknowledge(&mut update, code, now);
        messages::update(connection, &update)?;
    }
    let Some(petition) = on_the_desk(connection, &sent)? else { return unfitting("document_has_left") };
    let said = Said { code, from: &status.from, text: words(status.description.as_deref(), LONGEST) };
    let is_assigned = petition.status == petition::Status::Assigned;
    match code {
        StatusCode::Refused if is_assigned => {
            by_system(app, connection, petition.id, Action::Return, now, |step| {
                let reason = said.sentence();
                hand_back::decide(step, reason);
                said.tell(step, true);
                Ok(())
            })?;
        }
        StatusCode::Accepted | StatusCode::InProgress if is_assigned => {
            accept_there(app, connection, &petition, &said, now)?;
        }
        StatusCode::Refused => {
            note(app, connection, &petition, &said, now)?;
            return unfitting("wrong_state");
        }
        _ => {
            note(app, connection, &petition, &said, now)?;
            return Ok(noted);
        }
    }
    Ok(effect(MessageState::Applied, None))
}

/// What was sent about the document later and not acknowledged yet.
fn updates_of(connection: &mut DbConnection, sent: &MessageRow) -> Result<Vec<MessageRow>, ServiceError> {
    let Some(document) = sent.document_id else { return Ok(Vec::new()) };
    let mut messages = messages::of_document(connection, document)?;
    messages.retain(|message| is_update(message) && message.state == MessageState::Sent);
    Ok(messages)
}

/// What an organ has said about a document.
pub(super) struct Said<'a> {
    pub code: StatusCode,
    pub from: &'a Organ,
    pub text: Option<String>,
}

impl Said<'_> {
    /// For people.
    fn sentence(&self) -> String {
        let name: String = self.from.name.chars().filter(|c| !c.is_control()).take(200).collect();
        let from = if name.is_empty() { self.from.id.as_str().to_owned() } else { name };
        let text = self.text.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        shortened(&format!("{from} {}{text}", self.code.words()), LONGEST)
    }

    /// For programs; what somebody there wrote is for officers only.
    fn tell(&self, desk: &mut Desk, with_text: bool) {
        desk.entry.tell("exchange_code", self.code.as_str());
        desk.entry.tell("exchange_organ", self.from.id.as_str());
        if let Some(text) = self.text.as_ref().filter(|_| with_text) {
            desk.entry.tell("exchange_text", text.clone());
        }
    }
}

/// Accepts a document because its agency has; the words that came with it become a note.
pub(super) fn accept_there(
    app: &App,
    connection: &mut DbConnection,
    petition: &PetitionRow,
    said: &Said<'_>,
    now: Instant,
) -> Result<(), ServiceError> {
    by_system(app, connection, petition.id, Action::Accept, now, |step| {
        accept::decide(step);
        said.tell(step, false);
        Ok(())
    })?;
    if said.text.is_some() {
        note(app, connection, petition, said, now)?;
    }
    Ok(())
}

/// Writes down what was said, for officers.
fn note(
    app: &App,
    connection: &mut DbConnection,
    petition: &PetitionRow,
    said: &Said<'_>,
    now: Instant,
) -> Result<(), ServiceError> {
    by_system(app, connection, petition.id, Action::Note, now, |step| {
        step.entry.note = Some(said.sentence());
        step.entry.is_public = false;
        said.tell(step, true);
        Ok(())
    })?;
    Ok(())
}

/// What we sent under that name to the organ of the link.
pub(super) fn sent_to(connection: &mut DbConnection, link: &LinkRow, name: &str) -> Result<Option<MessageRow>, ServiceError> {
    let Some(sent) = messages::sent_as(connection, MessageKind::Document, name)? else { return Ok(None) };
    let over = links::find(connection, sent.link_id)?.ok_or(StorageError::Missing)?;
    // The same organ may have had another link before.
    Ok((OrganId::read(&over.organ_id) == OrganId::read(&link.organ_id)).then_some(sent))
}

/// The petition, as long as the document that was sent is the one that is worked on.
pub(super) fn on_the_desk(connection: &mut DbConnection, sent: &MessageRow) -> Result<Option<PetitionRow>, ServiceError> {
    let (Some(petition), Some(document)) = (sent.petition_id, sent.document_id) else { return Ok(None) };
    let Some(petition) = petitions::state::find_for_change(connection, petition)? else { return Ok(None) };
    let present = documents::state::newest_of(connection, petition.id)?.filter(|present| present.id == document);
    Ok(present
        .filter(|present| petition.agency_id == Some(present.agency_id) && present.handed_on_at.is_none())
        .map(|_| petition))
}

/// Something has come back. Messages overtake one another, so that the furthest code stays; each is kept in its own row.
pub(super) fn acknowledge(sent: &mut MessageRow, code: StatusCode, now: Instant) {
    let present = sent.answered_code.as_deref().and_then(StatusCode::read);
    if present.is_none_or(|present| present.is_followed_by(code)) {
        sent.answered_code = Some(code.as_str().to_owned());
    }
    if sent.acknowledged_at.is_none() {
        sent.acknowledged_at = Some(now);
    }
    if sent.state != MessageState::Cancelled {
        sent.state = MessageState::Acknowledged;
        sent.due_at = None;
    }
}
