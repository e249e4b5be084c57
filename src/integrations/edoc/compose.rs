//! Composes the message for an outgoing exchange row, in the transaction that records the attempt.
//!
//! Rules: a document is composed only for the agency currently responsible for it. The petitioner's identity is
//! included only if they do not hide it (`petitions::access`); the disclosure is recorded as an access by the
//! agency's document system.

use super::dispatch::{ReplyReference, document_name, is_update, notation};
use super::files::{self, EnclosedFile};
use crate::app::App;
use crate::attachments::store as attachments;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::integrations::edoc::rules::edxml::message::{
    Attachment, EdxmlDocument, EdxmlMessage, EdxmlStatus, Organ, ResponseFor,
};
use crate::integrations::edoc::rules::edxml::organ_id::OrganId;
use crate::integrations::edoc::rules::{MessageKind, edxml};
use crate::integrations::edoc::store::{ExchangeLinkRow, ExchangeMessageRow};
use crate::kernel::Instant;
use crate::kernel::location::Location;
use crate::petitions::concealed::ConcealedPetitioner;
use crate::petitions::rules::Action;
use crate::petitions::rules::petitioner::LookPurpose;
use crate::petitions::store::documents::{self, DocumentRow};
use crate::petitions::store::{self as petitions, PetitionRow, PetitionerRow, petitioners, texts, timeline};

/// `BussinessDocType` of a new document.
const NEW: u8 = 0;
/// `BussinessDocType` of an update.
const UPDATED: u8 = 2;
/// Maximum number of timeline entries searched for additions by the petitioner.
const ENTRIES: i64 = 1000;
/// Longest subject in characters that document systems show.
const SUBJECT: usize = 500;

/// Result of composing a message.
#[derive(Debug)]
pub(super) enum ComposedMessage {
    /// The message must not be sent any more.
    Nothing,
    /// Attachments are still being scanned.
    NotYet,
    /// Complete except for the bytes of the attachments.
    Ready(Box<EdxmlMessage>, Vec<EnclosedFile>),
}

/// Composes the message of a row.
pub(super) fn compose(
    app: &App,
    connection: &mut DbConnection,
    link: &ExchangeLinkRow,
    row: &ExchangeMessageRow,
    now: Instant,
) -> Result<ComposedMessage, ServiceError> {
    let directory = directory::current(app, connection)?;
    let ours = Organ { id: OrganId::read(&link.sender_organ_id), in_charge: None, name: app.config.exchange_sender_name.clone() };
    let theirs = Organ {
        id: OrganId::read(&link.organ_original),
        in_charge: None,
        name: directory.agency(link.agency_id).map(|agency| agency.name.clone()).unwrap_or_default(),
    };
    if row.kind == MessageKind::Status {
        return Ok(ComposedMessage::Ready(Box::new(EdxmlMessage::Status(Box::new(status(row, ours, &theirs)?))), Vec::new()));
    }
    let Some((petition, document)) = held(connection, link, row)? else { return Ok(ComposedMessage::Nothing) };
    let person = petitioners::find(connection, petition.id)?;
    let rows = attachments::of_petition(connection, petition.id)?;
    let Some(choice) = files::choose(app, rows, person.hide_identity, row.created_at, now) else {
        return Ok(ComposedMessage::NotYet);
    };
    if choice.tells_of_the_person() || !person.hide_identity {
        let event = AuditEvent::new("send_identity", "petition", &petition.code).with("exchange_link", link.id.0);
        let (by, account, purpose) = (AuditActor::holder(link.account_id, &[]), link.account_id, LookPurpose::Handling);
        crate::petitions::identity_access::log_access(connection, &by, &petition, account, now, ("exchange", purpose, event))?;
    }
    let mut title = texts::find(connection, petition.id)?.title;
    let concealed = ConcealedPetitioner::of(person.clone());
    let content = content(connection, &directory, &petition, (person, concealed.as_ref()), choice.left_out)?;
    if let Some(person) = concealed {
        title = person.mask(&title);
    }
    let (code_number, code_notation) = notation(&petition.code, &document);
    let letter = EdxmlDocument {
        signer: (String::new(), String::new(), ours.name.clone()),
        from: ours,
        to: vec![theirs],
        document_id: document_name(row).to_owned(),
        code_number,
        code_notation,
        place: "Bắc Ninh".to_owned(),
        promulgated_on: Some(document.arrived_at.local_date()),
        type_name: "Phản ánh, kiến nghị".to_owned(),
        subject: title.chars().take(SUBJECT).collect(),
        content: Some(content),
        due_on: Some(document.due_at.local_date()),
        responses: Vec::new(),
        sent_at: row.created_at,
        business_type: if is_update(row) { UPDATED } else { NEW },
        attachments: Vec::new(),
    };
    Ok(ComposedMessage::Ready(Box::new(EdxmlMessage::Document(Box::new(letter))), choice.enclosed))
}

/// Serialises a message together with its attachments.
#[must_use]
pub(super) fn write(mut message: EdxmlMessage, files: Vec<Attachment>) -> String {
    if let EdxmlMessage::Document(document) = &mut message {
        document.attachments = files;
    }
    edxml::write(&message)
}

/// The petition and its document, if the agency of the link is still responsible for them.
fn held(
    connection: &mut DbConnection,
    link: &ExchangeLinkRow,
    row: &ExchangeMessageRow,
) -> Result<Option<(PetitionRow, DocumentRow)>, ServiceError> {
    let (Some(petition), Some(document)) = (row.petition_id, row.document_id) else { return Ok(None) };
    let petition = petitions::state::find(connection, petition)?.ok_or(StorageError::Missing)?;
    let document = documents::state::find(connection, document)?.ok_or(StorageError::Missing)?;
    let is_held = petition.agency_id == Some(document.agency_id) && document.handed_on_at.is_none();
    Ok((is_held && document.agency_id == link.agency_id).then_some((petition, document)))
}

fn content(
    connection: &mut DbConnection,
    directory: &Directory,
    petition: &PetitionRow,
    (person, concealed): (PetitionerRow, Option<&ConcealedPetitioner>),
    left_out: usize,
) -> Result<String, ServiceError> {
    let words = texts::find(connection, petition.id)?;
    let shown = |text: String| concealed.map_or_else(|| text.clone(), |person| person.mask(&text));
    let mut lines = vec![
        format!("Mã phản ánh, kiến nghị: {}", petition.code),
        format!("Tiếp nhận lúc: {}", petition.received_at.local().format("%H:%M ngày %d/%m/%Y")),
    ];
    if let Some(category) = directory.category(petition.category_id) {
        lines.push(format!("Lĩnh vực: {}", category.name_vi));
    }
    if let Some(area) = directory.area(petition.area_id) {
        lines.push(format!("Địa bàn: {}", area.name));
    }
    if person.hide_identity {
        lines.push("Người phản ánh: đề nghị giữ kín danh tính".to_owned());
    } else {
        let known = [&person.company_name, &person.full_name, &person.phone, &person.email];
        lines.push(format!("Người phản ánh: {}", known.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")));
    }
    if let Some(address) = person.address.filter(|_| !person.hide_identity) {
        lines.push(format!("Địa chỉ sự việc: {address}"));
    }
    let place = person.latitude.zip(person.longitude).and_then(|(latitude, longitude)| Location::new(latitude, longitude).ok());
    // The exact location counts as part of the identity, as it does for officers.
    if let Some(place) = place.map(|place| if person.hide_identity { place.rounded_for_public() } else { place }) {
        lines.push(format!("Vị trí: {}, {}", place.latitude(), place.longitude()));
    }
    lines.push(format!("Hạn giải quyết: {}", petition.due_at.local().format("%H:%M ngày %d/%m/%Y")));
    if left_out > 0 {
        lines.push(format!("Còn {left_out} tệp không kèm theo văn bản này; xem trên hệ thống phản ánh, kiến nghị."));
    }
    lines.push(String::new());
    lines.push(shown(words.content));
    for (entry, _) in timeline::page(connection, petition.id, true, 0, ENTRIES)? {
        let is_added = matches!(entry.action, Action::Reply | Action::Reopen);
        if let (true, Some(note)) = (is_added, entry.note) {
            let note = shown(note);
            lines.push(format!("\nNgười phản ánh bổ sung lúc {}:\n{note}", entry.at.local().format("%H:%M ngày %d/%m/%Y")));
        }
    }
    Ok(lines.join("\n"))
}

fn status(row: &ExchangeMessageRow, ours: Organ, theirs: &Organ) -> Result<EdxmlStatus, ServiceError> {
    let answering: ReplyReference =
        serde_json::from_str(&row.detail).map_err(|_| ServiceError::Internal("a status to be sent cannot be read"))?;
    Ok(EdxmlStatus {
        staff: (ours.name.clone(), String::new()),
        from: ours,
        response_for: ResponseFor {
            organ_id: theirs.id.clone(),
            code: answering.code,
            document_id: answering.document_id,
            promulgated_on: answering.promulgated_on,
        },
        code: row.status_code.clone().unwrap_or_default(),
        description: Some(answering.description),
        at: Some(row.created_at),
    })
}
