//! What a message says, apart from how it is written: a document with its attachments, or the status of one.

use super::organ_id::OrganId;
use super::signature::SignatureCheck;
use crate::kernel::Instant;
use chrono::NaiveDate;

/// An organ as a message names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organ {
    /// Its identifier.
    pub id: OrganId,
    /// The organ above it, where it is told.
    pub in_charge: Option<String>,
    /// Its name.
    pub name: String,
}

/// What a message answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseFor {
    /// The organ that sent what is answered.
    pub organ_id: OrganId,
    /// Number and notation of the document.
    pub code: String,
    /// The identifier of the document.
    pub document_id: String,
    /// The day of the document.
    pub promulgated_on: Option<NaiveDate>,
}

/// A file that travels with a document.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, without folders.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// A document on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdxmlDocument {
    /// Who sends it.
    pub from: Organ,
    /// Who gets it.
    pub to: Vec<Organ>,
    /// Its identifier among all documents.
    pub document_id: String,
    /// Its number.
    pub code_number: String,
    /// What stands behind the number.
    pub code_notation: String,
    /// Where it was signed.
    pub place: String,
    /// Its day.
    pub promulgated_on: Option<NaiveDate>,
    /// The sort of document, in words.
    pub type_name: String,
    /// What it is about, in one line.
    pub subject: String,
    /// Its text.
    pub content: Option<String>,
    /// Who signed it: competence, position, name.
    pub signer: (String, String, String),
    /// Until when an answer is asked for.
    pub due_on: Option<NaiveDate>,
    /// What it answers.
    pub responses: Vec<ResponseFor>,
    /// When it was sent.
    pub sent_at: Instant,
    /// 0 new, 1 recall, 2 update, 3 replacement.
    pub business_type: u8,
    /// Its files.
    pub attachments: Vec<Attachment>,
}

/// What has become of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdxmlStatus {
    /// Who says so.
    pub from: Organ,
    /// Of which document; the organ in it is the addressee.
    pub response_for: ResponseFor,
    /// The department and the person who say so.
    pub staff: (String, String),
    /// The code as it is written; see [`super::status_code::EdxmlStatusCode`].
    pub code: String,
    /// What somebody wrote to it.
    pub description: Option<String>,
    /// When.
    pub at: Option<Instant>,
}

/// Either sort of message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdxmlMessage {
    /// A document.
    Document(Box<EdxmlDocument>),
    /// The status of a document.
    Status(Box<EdxmlStatus>),
}

/// A message that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// What it says.
    pub message: EdxmlMessage,
    /// What its signature is worth.
    pub signature: SignatureCheck,
}

impl EdxmlMessage {
    /// Who sends it.
    #[must_use]
    pub const fn from(&self) -> &Organ {
        match self {
            Self::Document(document) => &document.from,
            Self::Status(status) => &status.from,
        }
    }
}
