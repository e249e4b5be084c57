//! Classifies an incoming message: which link it belongs to, its unique name, and whether its sender is trusted.

use super::receive::shortened;
use crate::config::Config;
use crate::integrations::edoc::rules::edxml::EdxmlLimits;
use crate::integrations::edoc::rules::edxml::message::{EdxmlMessage, ReceivedMessage};
use crate::integrations::edoc::rules::edxml::organ_id::OrganId;
use crate::integrations::edoc::rules::edxml::signature::SignatureCheck;
use crate::integrations::edoc::store::ExchangeLinkRow;
use serde_json::{Value, json};

/// Maximum characters kept of a text.
const LONGEST: usize = 2000;

/// Returns the configured size limits.
pub(super) fn limits(config: &Config) -> EdxmlLimits {
    EdxmlLimits {
        bytes: config.exchange_max_bytes,
        unpacked_bytes: config.exchange_max_unpacked_bytes,
        unpack_ratio: config.exchange_max_unpack_ratio,
    }
}

/// Returns the link of the sending organ, and whether the message really came over that link.
pub(super) fn link_of<'a>(links: &'a [ExchangeLinkRow], message: &EdxmlMessage) -> Option<(&'a ExchangeLinkRow, bool)> {
    let from = &message.from().id;
    let own = links.iter().rev().find(|link| OrganId::read(&link.organ_id) == *from);
    own.map(|link| (link, true)).or_else(|| links.first().map(|link| (link, false)))
}

/// Returns the name that is unique within the link; a status message has no identifier of its own.
pub(super) fn name_of(received: &ReceivedMessage, sha256: &str) -> String {
    let name = match &received.message {
        EdxmlMessage::Document(document) if document.business_type == 0 => document.document_id.clone(),
        EdxmlMessage::Document(document) => format!("{}#{}#{sha256}", document.document_id, document.business_type),
        EdxmlMessage::Status(status) => {
            let at = status.at.map_or_else(|| sha256.to_owned(), |at| at.to_rfc3339());
            format!("{}#{}#{at}", status.response_for.document_id, status.code)
        }
    };
    // Shorten an overlong name to its beginning and the hash of the bytes.
    if name.len() > 300 { format!("{}#{sha256}", name.chars().take(60).collect::<String>()) } else { name }
}

/// Returns the reason why the message must not change anything, if there is one.
pub(super) fn distrust(is_own: bool, signature: SignatureCheck) -> Option<&'static str> {
    if !is_own {
        Some("unknown_sender")
    } else if signature == SignatureCheck::Invalid {
        Some("signature_invalid")
    } else {
        None
    }
}

/// Returns the metadata stored with the message: no content and no personal data.
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
