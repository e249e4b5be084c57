//! Applies a status message to its document, through the same services officers use.
//!
//! | Code | Effect |
//! |---|---|
//! | 01, 04, 06 | a note; 06 is not an answer: a petition is completed only when an approved answer was sent |
//! | 02 | returned to the coordinator with the reason |
//! | 03, 05 | accepted if not yet accepted; otherwise a note |
//! | 15, 16 | stored with the recall they respond to |
//!
//! Rules: only the organ a document was sent to may report on it, and only while the document is on its desk. A
//! status that cannot be applied is stored and shown, but changes nothing.

use super::dispatch::is_update;
use super::receive::{MessageEffect, shortened, words};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::integrations::edoc::rules::edxml::message::{EdxmlStatus, Organ};
use crate::integrations::edoc::rules::edxml::organ_id::OrganId;
use crate::integrations::edoc::rules::edxml::status_code::EdxmlStatusCode;
use crate::integrations::edoc::rules::{MessageKind, MessageState};
use crate::integrations::edoc::store::{ExchangeLinkRow, ExchangeMessageRow, links, messages};
use crate::kernel::Instant;
use crate::petitions::rules::{self as petition, Action};
use crate::petitions::step::{StepContext, by_system};
use crate::petitions::store::{self as petitions, PetitionRow, documents};
use crate::petitions::{accept, hand_back};

/// Maximum characters of the free text and of the note made from it.
const LONGEST: usize = 2000;

/// Applies a status and returns what it changed.
pub(super) fn apply(
    app: &App,
    connection: &mut DbConnection,
    link: &ExchangeLinkRow,
    status: &EdxmlStatus,
    distrust: Option<&'static str>,
    now: Instant,
) -> Result<MessageEffect, ServiceError> {
    let Some(mut sent) = sent_to(connection, link, &status.response_for.document_id)? else {
        return Ok(MessageEffect::unfitting(distrust.unwrap_or("unknown_document")));
    };
    let (about, of) = (sent.petition_id, sent.document_id);
    let effect = |state, problem| MessageEffect { state, problem, petition: about, document: of };
    if let Some(problem) = distrust {
        return Ok(effect(MessageState::Unfitting, Some(problem)));
    }
    let Some(code) = EdxmlStatusCode::read(&status.code) else {
        return Ok(effect(MessageState::Unfitting, Some("unknown_code")));
    };
    if sent.kind == MessageKind::Status {
        // Refers to one of our status messages.
        return Ok(effect(MessageState::Noted, None));
    }
    let (noted, unfitting) = (effect(MessageState::Noted, None), |problem| Ok(effect(MessageState::Unfitting, Some(problem))));
    if code == EdxmlStatusCode::Recall {
        return unfitting("only_the_sender_recalls");
    }
    if matches!(code, EdxmlStatusCode::RecallGranted | EdxmlStatusCode::RecallDenied) {
        let name = format!("{}#{}", sent.message_id, EdxmlStatusCode::Recall);
        let Some(mut recall) = messages::sent_as(connection, MessageKind::Status, &name)? else {
            return unfitting("nothing_was_recalled");
        };
        acknowledge(&mut recall, code, now);
        messages::update(connection, &recall)?;
        return Ok(noted);
    }
    acknowledge(&mut sent, code, now);
    messages::update(connection, &sent)?;
    // A status names the document, not the particular message, so it acknowledges updates too.
    for mut update in updates_of(connection, &sent)? {
        acknowledge(&mut update, code, now);
        messages::update(connection, &update)?;
    }
    let Some(petition) = on_the_desk(connection, &sent)? else { return unfitting("document_has_left") };
    let said = StatusEvent { code, from: &status.from, text: words(status.description.as_deref(), LONGEST) };
    let is_assigned = petition.status == petition::Status::Assigned;
    match code {
        EdxmlStatusCode::Refused if is_assigned => {
            by_system(app, connection, petition.id, Action::Return, now, |step| {
                let reason = said.sentence();
                hand_back::decide(step, reason);
                said.tell(step, true);
                Ok(())
            })?;
        }
        EdxmlStatusCode::Accepted | EdxmlStatusCode::InProgress if is_assigned => {
            accept_there(app, connection, &petition, &said, now)?;
        }
        EdxmlStatusCode::Refused => {
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

/// Returns the updates of the document that have not been acknowledged.
fn updates_of(connection: &mut DbConnection, sent: &ExchangeMessageRow) -> Result<Vec<ExchangeMessageRow>, ServiceError> {
    let Some(document) = sent.document_id else { return Ok(Vec::new()) };
    let mut messages = messages::of_document(connection, document)?;
    messages.retain(|message| is_update(message) && message.state == MessageState::Sent);
    Ok(messages)
}

/// A status of a document reported by an organ.
pub(super) struct StatusEvent<'a> {
    pub code: EdxmlStatusCode,
    pub from: &'a Organ,
    pub text: Option<String>,
}

impl StatusEvent<'_> {
    /// Text for people.
    fn sentence(&self) -> String {
        let name: String = self.from.name.chars().filter(|c| !c.is_control()).take(200).collect();
        let from = if name.is_empty() { self.from.id.as_str().to_owned() } else { name };
        let text = self.text.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        shortened(&format!("{from} {}{text}", self.code.words()), LONGEST)
    }

    /// Data for programs; the free text is for officers only.
    fn tell(&self, ctx: &mut StepContext, with_text: bool) {
        ctx.entry.add_detail("exchange_code", self.code.as_str());
        ctx.entry.add_detail("exchange_organ", self.from.id.as_str());
        if let Some(text) = self.text.as_ref().filter(|_| with_text) {
            ctx.entry.add_detail("exchange_text", text.clone());
        }
    }
}

/// Accepts a document because its agency did; the free text becomes a note.
pub(super) fn accept_there(
    app: &App,
    connection: &mut DbConnection,
    petition: &PetitionRow,
    said: &StatusEvent<'_>,
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

/// Adds a note for officers.
fn note(
    app: &App,
    connection: &mut DbConnection,
    petition: &PetitionRow,
    said: &StatusEvent<'_>,
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

/// Returns the message we sent under that name to the organ of the link.
pub(super) fn sent_to(
    connection: &mut DbConnection,
    link: &ExchangeLinkRow,
    name: &str,
) -> Result<Option<ExchangeMessageRow>, ServiceError> {
    let Some(sent) = messages::sent_as(connection, MessageKind::Document, name)? else { return Ok(None) };
    let over = links::find(connection, sent.link_id)?.ok_or(StorageError::Missing)?;
    // It may have been sent over an earlier link of the same organ.
    Ok((OrganId::read(&over.organ_id) == OrganId::read(&link.organ_id)).then_some(sent))
}

/// Returns the petition if the sent document is still the one being worked on.
pub(super) fn on_the_desk(connection: &mut DbConnection, sent: &ExchangeMessageRow) -> Result<Option<PetitionRow>, ServiceError> {
    let (Some(petition), Some(document)) = (sent.petition_id, sent.document_id) else { return Ok(None) };
    let Some(petition) = petitions::state::find_for_change(connection, petition)? else { return Ok(None) };
    let present = documents::state::newest_of(connection, petition.id)?.filter(|present| present.id == document);
    Ok(present
        .filter(|present| petition.agency_id == Some(present.agency_id) && present.handed_on_at.is_none())
        .map(|_| petition))
}

/// Records an acknowledgement. Messages can arrive out of order, so the furthest code is kept; each has its own row.
pub(super) fn acknowledge(sent: &mut ExchangeMessageRow, code: EdxmlStatusCode, now: Instant) {
    let present = sent.answered_code.as_deref().and_then(EdxmlStatusCode::read);
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
