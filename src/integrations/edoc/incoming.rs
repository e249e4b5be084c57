//! A message that came in, taken apart: which link it belongs to, what tells it from others, whether its sender may say what it says.

use super::receive::shortened;
use crate::config::Config;
use crate::integrations::edoc::rules::edxml::EdxmlLimits;
use crate::integrations::edoc::rules::edxml::message::{EdxmlMessage, ReceivedMessage};
use crate::integrations::edoc::rules::edxml::organ_id::OrganId;
use crate::integrations::edoc::rules::edxml::signature::SignatureCheck;
use crate::integrations::edoc::store::ExchangeLinkRow;
use serde_json::{Value, json};

/// Characters of what is kept of a text.
const LONGEST: usize = 2000;

/// The limits that the settings give.
pub(super) fn limits(config: &Config) -> EdxmlLimits {
    EdxmlLimits {
        bytes: config.exchange_max_bytes,
        unpacked_bytes: config.exchange_max_unpacked_bytes,
        unpack_ratio: config.exchange_max_unpack_ratio,
    }
}

/// The link of the organ that sent it, and whether it is really the organ's.
pub(super) fn link_of<'a>(links: &'a [ExchangeLinkRow], message: &EdxmlMessage) -> Option<(&'a ExchangeLinkRow, bool)> {
    let from = &message.from().id;
    let own = links.iter().rev().find(|link| OrganId::read(&link.organ_id) == *from);
    own.map(|link| (link, true)).or_else(|| links.first().map(|link| (link, false)))
}

/// What tells a message from all others of its link: a status has no identifier of its own.
pub(super) fn name_of(received: &ReceivedMessage, sha256: &str) -> String {
    let name = match &received.message {
        EdxmlMessage::Document(document) if document.business_type == 0 => document.document_id.clone(),
        EdxmlMessage::Document(document) => format!("{}#{}#{sha256}", document.document_id, document.business_type),
        EdxmlMessage::Status(status) => {
            let at = status.at.map_or_else(|| sha256.to_owned(), |at| at.to_rfc3339());
            format!("{}#{}#{at}", status.response_for.document_id, status.code)
        }
    };
    // A name of any length is told by its beginning and the hash of the bytes.
    if name.len() > 300 { format!("{}#{sha256}", name.chars().take(60).collect::<String>()) } else { name }
}

/// Why nothing may be moved by the message, whatever it says.
pub(super) fn distrust(is_own: bool, signature: SignatureCheck) -> Option<&'static str> {
    if !is_own {
        Some("unknown_sender")
    } else if signature == SignatureCheck::Invalid {
        Some("signature_invalid")
    } else {
        None
    }
}

/// What is kept of the message beside what it did: no content, and nothing of the petitioner's.
pub(super) fn detail(received: &ReceivedMessage) -> Value {
    let from = received.message.from();
    let organ = json!({"id": from.id.as_str(), "original": from.id.original(), "name": cut(&from.name)});
    match &received.message {
        EdxmlMessage::Status(status) => json!({
            "organ": organ,
            "code": cut(&status.code),
            "text": status.description.as_deref().map(cut),
            "response_for": cut(&status.response_for.document_id),
            "at": status.at,
        }),
        EdxmlMessage::Document(document) => {
            let files = document.attachments.iter().map(|file| json!({"name": file.name, "bytes": file.bytes.len()}));
            json!({
                "organ": organ,
                "code": cut(&format!("{}/{}", document.code_number, document.code_notation)),
                "business_type": document.business_type,
                "response_for": document.responses.iter().take(20).map(|response| cut(&response.document_id)).collect::<Vec<_>>(),
                "attachments": files.take(50).collect::<Vec<_>>(),
            })
        }
    }
}

pub(super) fn cut(text: &str) -> String {
    shortened(&text.chars().filter(|c| !c.is_control() || *c == '\n').collect::<String>(), LONGEST)
}
