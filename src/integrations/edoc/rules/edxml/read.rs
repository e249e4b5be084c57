//! The lenient parser. Enters: bytes. Leaves: the message. The known deviations of real files are listed in the test
//! fixtures.
//!
//! Elements are matched by local name, ignoring case, in any order, and at any depth where that is safe.

use super::EdxmlLimits;
use super::EdxmlProblem;
use super::attachment::AttachmentDecoder;
use super::message::{Attachment, EdxmlDocument, EdxmlMessage, EdxmlStatus, Organ, ReceivedMessage, ResponseFor};
use super::organ_id::OrganId;
use super::signature::{self, SignatureKeys};
use super::tree::{Element, parse};
use crate::kernel::Instant;
use chrono::{NaiveDate, NaiveDateTime};

/// Parses a message and checks its signature.
///
/// # Errors
/// [`EdxmlProblem`]: nothing in such a message may be used.
pub fn read(bytes: &[u8], limits: EdxmlLimits, keys: &SignatureKeys) -> Result<ReceivedMessage, EdxmlProblem> {
    let root = parse(bytes, limits.bytes)?;
    if !root.is("edXML") && !root.is("edXMLEnvelope") {
        return Err(EdxmlProblem::NotEdxml);
    }
    let header = root.find("MessageHeader").ok_or(EdxmlProblem::Missing("MessageHeader"))?;
    let message = match header.value("StatusCode") {
        Some(code) => EdxmlMessage::Status(Box::new(status(header, code)?)),
        None => EdxmlMessage::Document(Box::new(document(&root, header, limits)?)),
    };
    Ok(ReceivedMessage { message, signature: signature::check(&root, keys) })
}

fn status(header: &Element, code: String) -> Result<EdxmlStatus, EdxmlProblem> {
    let response = header.child("ResponseFor").and_then(response).ok_or(EdxmlProblem::Missing("ResponseFor/DocumentId"))?;
    let staff = header.child("StaffInfo");
    let of_staff = |name: &str| staff.and_then(|staff| staff.value(name)).unwrap_or_default();
    Ok(EdxmlStatus {
        from: header.child("From").map(organ).ok_or(EdxmlProblem::Missing("From"))?,
        response_for: response,
        staff: (of_staff("Department"), of_staff("Staff")),
        code,
        description: header.value("Description"),
        at: header.value("Timestamp").as_deref().and_then(moment),
    })
}

fn document(root: &Element, header: &Element, limits: EdxmlLimits) -> Result<EdxmlDocument, EdxmlProblem> {
    let from = header.child("From").map(organ).ok_or(EdxmlProblem::Missing("From"))?;
    let code = header.child("Code");
    let of = |parent: Option<&Element>, name: &str| parent.and_then(|parent| parent.value(name)).unwrap_or_default();
    let (code_number, code_notation) = (of(code, "CodeNumber"), of(code, "CodeNotation"));
    let info = header.child("PromulgationInfo");
    let promulgated_on = info.and_then(|info| info.value("PromulgationDate")).as_deref().and_then(day);
    let derived = || {
        let day = promulgated_on?.format("%Y/%m/%d");
        (!code_number.is_empty()).then(|| format!("{},{day},{code_number}/{code_notation}", from.id.original()))
    };
    let document_id = header.value("DocumentId").or_else(derived).ok_or(EdxmlProblem::Missing("DocumentId"))?;
    let trace = root.find("TraceHeaderList");
    let business = trace.and_then(|trace| trace.find("Bussiness").or_else(|| trace.find("Business")));
    let business_type = of(business, "BussinessDocType").parse().unwrap_or(0);
    let sent_at = trace.and_then(|trace| trace.find("Timestamp")).and_then(|time| moment(time.text().trim()));
    let signer = header.child("SignerInfo");
    Ok(EdxmlDocument {
        to: header.all("To").map(organ).collect(),
        place: of(info, "Place"),
        type_name: of(header.child("DocumentType"), "TypeName"),
        subject: header.value("Subject").unwrap_or_default(),
        content: header.value("Content"),
        signer: (of(signer, "Competence"), of(signer, "Position"), of(signer, "FullName")),
        due_on: header.value("DueDate").as_deref().and_then(day),
        responses: header.all("ResponseFor").filter_map(response).collect(),
        sent_at: sent_at
            .unwrap_or_else(|| promulgated_on.map_or_else(|| Instant::start_of(NaiveDate::default()), Instant::start_of)),
        attachments: attachments(root, limits)?,
        from,
        document_id,
        code_number,
        code_notation,
        promulgated_on,
        business_type,
    })
}

fn organ(element: &Element) -> Organ {
    Organ {
        id: OrganId::read(&element.value("OrganId").unwrap_or_default()),
        in_charge: element.value("OrganizationInCharge"),
        name: element.value("OrganName").unwrap_or_default(),
    }
}

fn response(element: &Element) -> Option<ResponseFor> {
    Some(ResponseFor {
        organ_id: OrganId::read(&element.value("OrganId").unwrap_or_default()),
        code: element.value("Code").unwrap_or_default(),
        document_id: element.value("DocumentId")?,
        promulgated_on: element.value("PromulgationDate").as_deref().and_then(day),
    })
}

fn attachments(root: &Element, limits: EdxmlLimits) -> Result<Vec<Attachment>, EdxmlProblem> {
    let mut opening = AttachmentDecoder::new(limits);
    let Some(list) = root.find("AttachmentEncoded") else { return Ok(Vec::new()) };
    let references: Vec<&Element> =
        root.find("edXMLManifest").map(|manifest| manifest.all("Reference").collect()).unwrap_or_default();
    let mut found = Vec::new();
    for element in list.all("Attachment") {
        let id = element.value("ContentId");
        let announced = references.iter().find(|reference| reference_id(reference) == id && id.is_some());
        let of = |name: &str| element.value(name).or_else(|| announced.and_then(|announced| announced.value(name)));
        let name = of("AttachmentName").or_else(|| of("Description")).unwrap_or_default();
        let encoded = element.child("ContentTransferEncoded").map(Element::text).unwrap_or_default();
        found.push(opening.open(&name, &of("ContentType").unwrap_or_default(), &encoded)?);
    }
    Ok(found)
}

fn reference_id(reference: &Element) -> Option<String> {
    reference.value("ContentId").or_else(|| reference.attribute("href").map(str::to_owned))
}

/// Parses a date in the formats in use.
fn day(text: &str) -> Option<NaiveDate> {
    let text = text.split(['T', ' ']).next().unwrap_or_default();
    let found = ["%Y/%m/%d", "%Y-%m-%d", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    found.filter(|day| (1900..=2199).contains(&chrono::Datelike::year(day)))
}

/// Parses a Vietnam local time in the formats in use; a bare date means midnight.
fn moment(text: &str) -> Option<Instant> {
    let text = text.trim();
    let clock = ["%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M:%S"];
    let time = clock.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let time = time.filter(|time| (1900..=2199).contains(&chrono::Datelike::year(time)));
    let zoned = || chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| Instant::from_utc(time.to_utc()));
    time.map(Instant::from_local).or_else(zoned).or_else(|| day(text).map(Instant::start_of))
}
