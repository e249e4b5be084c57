//! The strict writer. Enters: a message. Leaves: its XML with the `edXML:` prefix, in the order of the regulation.
//!
//! Order and prefixes follow the samples of the national bus, including the spelling `Bussiness`; there the
//! attachments are outside the envelope and unprefixed, except for the element with the base64.

use super::NAMESPACE;
use super::message::{Attachment, EdxmlDocument, EdxmlMessage, EdxmlStatus, Organ, ResponseFor};
use crate::kernel::Instant;
use chrono::NaiveDate;
use data_encoding::BASE64;

/// Writes a message.
#[must_use]
pub fn write(message: &EdxmlMessage) -> String {
    let mut out = EdxmlWriter(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    out.0.push_str(&format!("<edXML xmlns=\"{NAMESPACE}\"><edXML:edXMLEnvelope xmlns:edXML=\"{NAMESPACE}\">"));
    match message {
        EdxmlMessage::Document(document) => out.document(document),
        EdxmlMessage::Status(status) => out.inside("edXMLHeader", |out| out.inside("MessageHeader", |out| out.status(status))),
    }
    out.0.push_str("</edXML:edXMLEnvelope>");
    if let EdxmlMessage::Document(document) = message {
        out.attachments(&document.attachments);
    }
    out.0.push_str("</edXML>\n");
    out.0
}

struct EdxmlWriter(String);

impl EdxmlWriter {
    fn inside(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.0.push_str(&format!("<edXML:{name}>"));
        fill(self);
        self.0.push_str(&format!("</edXML:{name}>"));
    }

    fn value(&mut self, name: &str, value: &str) {
        self.inside(name, |out| out.text(value));
    }

    fn day(&mut self, name: &str, day: Option<NaiveDate>) {
        self.value(name, &day.map(|day| day.format("%Y/%m/%d").to_string()).unwrap_or_default());
    }

    fn moment(&mut self, name: &str, at: Instant) {
        self.value(name, &at.local().format("%Y/%m/%d %H:%M:%S").to_string());
    }

    /// Drops characters XML 1.0 cannot represent: petition texts come from arbitrary sources.
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '\r' => self.0.push_str("&#13;"),
                '\t' | '\n' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}' => self.0.push(c),
                _ => {}
            }
        }
    }

    fn document(&mut self, document: &EdxmlDocument) {
        self.inside("edXMLHeader", |out| {
            out.inside("MessageHeader", |out| out.header(document));
            out.inside("TraceHeaderList", |out| out.trace(document));
        });
        self.inside("edXMLBody", |out| {
            out.0.push_str("<edXML:edXMLManifest version=\"1.0\">");
            for (place, file) in document.attachments.iter().enumerate() {
                out.inside("Reference", |out| {
                    out.value("ContentId", &content_id(place));
                    out.value("ContentType", &file.media_type);
                    out.value("Description", &file.name);
                    out.value("AttachmentName", &file.name);
                });
            }
            out.0.push_str("</edXML:edXMLManifest>");
        });
    }

    fn header(&mut self, document: &EdxmlDocument) {
        self.organ("From", &document.from);
        for organ in &document.to {
            self.organ("To", organ);
        }
        self.value("DocumentId", &document.document_id);
        self.inside("Code", |out| {
            out.value("CodeNumber", &document.code_number);
            out.value("CodeNotation", &document.code_notation);
        });
        self.inside("PromulgationInfo", |out| {
            out.value("Place", &document.place);
            out.day("PromulgationDate", document.promulgated_on);
        });
        self.inside("DocumentType", |out| {
            out.value("Type", "1");
            out.value("TypeDetail", "");
            out.value("TypeName", &document.type_name);
        });
        self.value("Subject", &document.subject);
        self.value("Content", document.content.as_deref().unwrap_or_default());
        self.inside("SignerInfo", |out| {
            out.value("Competence", &document.signer.0);
            out.value("Position", &document.signer.1);
            out.value("FullName", &document.signer.2);
        });
        self.day("DueDate", document.due_on);
        self.inside("ToPlaces", |out| {
            for organ in &document.to {
                out.value("Place", &organ.name);
            }
        });
        self.inside("OtherInfo", |out| {
            out.value("Priority", "0");
            out.value("SphereOfPromulgation", "");
            out.value("TyperNotation", "");
            out.value("PromulgationAmount", "1");
            out.value("PageAmount", "1");
            out.value("Direction", "");
            out.inside("Appendixes", |_| {});
        });
        for response in &document.responses {
            self.response(response, true);
        }
    }

    fn trace(&mut self, document: &EdxmlDocument) {
        self.inside("TraceHeader", |out| {
            out.value("OrganId", document.from.id.original());
            out.moment("Timestamp", document.sent_at);
        });
        self.inside("Bussiness", |out| {
            out.value("BussinessDocType", &document.business_type.to_string());
            out.value("BussinessDocReason", "");
            out.value("Paper", "0");
            out.value("DocumentId", &document.document_id);
            out.inside("StaffInfo", |out| {
                for name in ["Department", "Staff", "Email", "Mobile"] {
                    out.value(name, "");
                }
            });
        });
    }

    fn status(&mut self, status: &EdxmlStatus) {
        self.organ("From", &status.from);
        self.response(&status.response_for, false);
        self.inside("StaffInfo", |out| {
            out.value("Department", &status.staff.0);
            out.value("Staff", &status.staff.1);
            out.value("Mobile", "");
            out.value("Email", "");
        });
        self.value("StatusCode", &status.code);
        self.value("Description", status.description.as_deref().unwrap_or_default());
        match status.at {
            Some(at) => self.moment("Timestamp", at),
            None => self.value("Timestamp", ""),
        }
    }

    fn organ(&mut self, role: &str, organ: &Organ) {
        self.inside(role, |out| {
            out.value("OrganId", organ.id.original());
            out.value("OrganizationInCharge", organ.in_charge.as_deref().unwrap_or_default());
            out.value("OrganName", &organ.name);
            for name in ["OrganAdd", "Email", "Telephone", "Fax", "Website"] {
                out.value(name, "");
            }
        });
    }

    /// `Code` is plain text here; a status ends with the identifier, a document with the date.
    fn response(&mut self, response: &ResponseFor, is_day_last: bool) {
        self.inside("ResponseFor", |out| {
            out.value("OrganId", response.organ_id.original());
            out.value("Code", &response.code);
            if is_day_last {
                out.value("DocumentId", &response.document_id);
            }
            out.day("PromulgationDate", response.promulgated_on);
            if !is_day_last {
                out.value("DocumentId", &response.document_id);
            }
        });
    }

    fn attachments(&mut self, files: &[Attachment]) {
        if files.is_empty() {
            return;
        }
        self.0.push_str("<AttachmentEncoded>");
        for (place, file) in files.iter().enumerate() {
            self.0.push_str("<Attachment>");
            for (name, value) in [
                ("ContentId", content_id(place).as_str()),
                ("AttachmentName", &file.name),
                ("Description", &file.name),
                ("ContentType", &file.media_type),
            ] {
                self.0.push_str(&format!("<{name}>"));
                self.text(value);
                self.0.push_str(&format!("</{name}>"));
            }
            self.0.push_str(&format!("<edXML:ContentTransferEncoded xmlns:edXML=\"{NAMESPACE}\">"));
            BASE64.encode_append(&file.bytes, &mut self.0);
            self.0.push_str("</edXML:ContentTransferEncoded></Attachment>");
        }
        self.0.push_str("</AttachmentEncoded>");
    }
}

fn content_id(place: usize) -> String {
    format!("cid:{}", place + 1)
}
