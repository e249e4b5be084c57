//! An incoming document that replies to one of ours becomes a draft answer, to be approved by a leader of the agency.
//!
//! Rules: only the organ a document was sent to may reply, and only while the document is on its desk. The draft goes
//! to the leader at once, even where two-person approval is disabled, because nobody here has read it. The sender is
//! notified of the result with status 03 or 02. The message contains no outcome code, so `explained` is assumed.

use super::dispatch::{self, ReplyReference};
use super::receive::{MessageEffect, words};
use super::status::{StatusEvent, accept_there, acknowledge, on_the_desk, sent_to};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::integrations::edoc::rules::MessageState;
use crate::integrations::edoc::rules::edxml::message::EdxmlDocument;
use crate::integrations::edoc::rules::edxml::status_code::EdxmlStatusCode;
use crate::integrations::edoc::store::{ExchangeLinkRow, ExchangeMessageRow, messages};
use crate::kernel::{Instant, text};
use crate::petitions::draft::{self, Draft};
use crate::petitions::rules::{Action, Outcome, Status};
use crate::petitions::step::by_system;
use crate::petitions::store::{PetitionRow, answers};
use crate::petitions::submit;

/// Maximum characters of an answer.
const LONGEST: usize = 10_000;
/// `BussinessDocType` of a new document.
const NEW: u8 = 0;

/// Applies a document and returns what it changed.
pub(super) fn apply(
    app: &App,
    connection: &mut DbConnection,
    link: &ExchangeLinkRow,
    letter: &EdxmlDocument,
    distrust: Option<&'static str>,
    now: Instant,
) -> Result<MessageEffect, ServiceError> {
    let mut answered = None;
    for response in &letter.responses {
        if answered.is_none() {
            answered = sent_to(connection, link, &response.document_id)?;
        }
    }
    let Some(mut sent) = answered else {
        return Ok(MessageEffect::unfitting(distrust.unwrap_or(if letter.responses.is_empty() {
            "no_reply"
        } else {
            "unknown_document"
        })));
    };
    let (about, of) = (sent.petition_id, sent.document_id);
    let effect = |state, problem| MessageEffect { state, problem, petition: about, document: of };
    if let Some(problem) = distrust {
        return Ok(effect(MessageState::Unfitting, Some(problem)));
    }
    let problem = take(app, connection, link, letter, &sent, now)?;
    // A reply at least acknowledges that our document arrived.
    if sent.answered_code.is_none() {
        acknowledge(&mut sent, EdxmlStatusCode::Arrived, now);
        messages::update(connection, &sent)?;
    }
    tell_sender(connection, &sent, letter, problem, now)?;
    Ok(effect(if problem.is_none() { MessageState::Applied } else { MessageState::Unfitting }, problem))
}

/// Creates the draft, or returns why not.
fn take(
    app: &App,
    connection: &mut DbConnection,
    link: &ExchangeLinkRow,
    letter: &EdxmlDocument,
    sent: &ExchangeMessageRow,
    now: Instant,
) -> Result<Option<&'static str>, ServiceError> {
    if letter.business_type != NEW {
        return Ok(Some("no_new_document"));
    }
    let Some(content) = letter.content.as_deref().filter(|content| !text::is_empty(content)) else {
        return Ok(Some("no_content"));
    };
    if content.chars().count() > LONGEST {
        return Ok(Some("content_too_long"));
    }
    let Some(draft) = words(Some(content), LONGEST).and_then(|text| Draft::check(&text, Outcome::Explained, None).ok()) else {
        return Ok(Some("content_unreadable"));
    };
    let Some(petition) = on_the_desk(connection, sent)? else { return Ok(Some("document_has_left")) };
    if !matches!(petition.status, Status::Assigned | Status::InProgress) {
        return Ok(Some("wrong_state"));
    }
    if petition.status == Status::Assigned {
        let said = StatusEvent { code: EdxmlStatusCode::Accepted, from: &letter.from, text: None };
        accept_there(app, connection, &petition, &said, now)?;
    }
    write(app, connection, link, letter, &petition, &draft, now)?;
    Ok(None)
}

fn write(
    app: &App,
    connection: &mut DbConnection,
    link: &ExchangeLinkRow,
    letter: &EdxmlDocument,
    petition: &PetitionRow,
    draft: &Draft,
    now: Instant,
) -> Result<(), ServiceError> {
    by_system(app, connection, petition.id, Action::Draft, now, |step| {
        let present = answers::draft(step.connection, step.ctx.petition.id)?;
        let answer = draft::decide_by(step, link.account_id, draft, present.as_ref())?;
        step.entry.add_detail("exchange_organ", letter.from.id.as_str());
        step.entry.add_detail("exchange_document", super::incoming::cut(&letter.document_id));
        match present {
            Some(_) => answers::update(step.connection, &answer)?,
            None => answers::insert(step.connection, &answer)?,
        }
        Ok(())
    })?;
    by_system(app, connection, petition.id, Action::Submit, now, |step| {
        submit::decide(step);
        Ok(())
    })?;
    Ok(())
}

fn tell_sender(
    connection: &mut DbConnection,
    sent: &ExchangeMessageRow,
    letter: &EdxmlDocument,
    problem: Option<&'static str>,
    now: Instant,
) -> Result<(), ServiceError> {
    let answering = ReplyReference {
        document_id: super::incoming::cut(&letter.document_id),
        code: super::incoming::cut(&format!("{}/{}", letter.code_number, letter.code_notation)),
        promulgated_on: letter.promulgated_on,
        description: problem
            .map_or_else(|| "Đã chuyển lãnh đạo duyệt.".to_owned(), |problem| format!("Không dùng được: {problem}.")),
    };
    let code = if problem.is_none() { EdxmlStatusCode::Accepted } else { EdxmlStatusCode::Refused };
    dispatch::say(connection, sent, code, &answering, now)
}
