//! The data model of a message: a document with its attachments, or a status of a document.

use super::organ_id::OrganId;
use super::signature::SignatureCheck;
use crate::kernel::Instant;
use chrono::NaiveDate;

/// An organ named in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organ {
    pub id: OrganId,
    /// The superior organ, if given.
    pub in_charge: Option<String>,
    pub name: String,
}

/// Reference to the document a message responds to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseFor {
    /// The organ that sent that document.
    pub organ_id: OrganId,
    /// Number and notation of the document.
    pub code: String,
    /// Identifier of the document.
    pub document_id: String,
    /// Date of the document.
    pub promulgated_on: Option<NaiveDate>,
}

/// An attached file.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name without folders.
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// A document message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdxmlDocument {
    pub from: Organ,
    pub to: Vec<Organ>,
    /// Globally unique identifier.
    pub document_id: String,
    /// Document number.
    pub code_number: String,
    /// The notation after the number.
    pub code_notation: String,
    /// Place of signing.
    pub place: String,
    /// Document date.
    pub promulgated_on: Option<NaiveDate>,
    /// Document type in words.
    pub type_name: String,
    /// Subject line.
    pub subject: String,
    pub content: Option<String>,
    /// Signer: competence, position, name.
    pub signer: (String, String, String),
    /// Date by which an answer is requested.
    pub due_on: Option<NaiveDate>,
    /// The documents it responds to.
    pub responses: Vec<ResponseFor>,
    pub sent_at: Instant,
    /// 0 new, 1 recall, 2 update, 3 replacement.
    pub business_type: u8,
    pub attachments: Vec<Attachment>,
}

/// A status message about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdxmlStatus {
    pub from: Organ,
    /// The document; its organ is the addressee.
    pub response_for: ResponseFor,
    /// Department and name of the person reporting the status.
    pub staff: (String, String),
    /// The code as written; see [`super::status_code::EdxmlStatusCode`].
    pub code: String,
    /// Free text.
    pub description: Option<String>,
    /// Time of the status.
    pub at: Option<Instant>,
}

/// A message of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdxmlMessage {
    Document(Box<EdxmlDocument>),
    Status(Box<EdxmlStatus>),
}

/// A parsed message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    pub message: EdxmlMessage,
    /// Result of the signature check.
    pub signature: SignatureCheck,
}

impl EdxmlMessage {
    /// Returns the sender.
    #[must_use]
    pub const fn from(&self) -> &Organ {
        match self {
            Self::Document(document) => &document.from,
            Self::Status(status) => &status.from,
        }
    }
}
