//! What has happened to a petition, and who has to know of it.
//!
//! [`record`](super::record::record) hands every stored step, inside its transaction, to the subscribers that were put together when the
//! program started. Rule: a subscriber writes what follows from the event and changes nothing of the petition; if it fails, the step has
//! not happened.

use super::record::StepEntry;
use crate::audit::AuditActor;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::{DeadlineRow, PetitionRow, PetitionerRow, TextRow};
use std::fmt::Debug;
use std::sync::Arc;

/// A step as it was stored.
#[derive(Debug, Clone, Copy)]
pub struct PetitionEvent<'a> {
    /// The petition before it; none when it is filed.
    pub before: Option<&'a PetitionRow>,
    /// The petition after it.
    pub after: &'a PetitionRow,
    /// What the timeline says, with instant, author and audience.
    pub entry: &'a StepEntry,
    /// The document that was handled, after the step.
    pub document: Option<&'a DocumentRow>,
    /// The document that the step has entered in a register.
    pub entered: Option<&'a DocumentRow>,
    /// The system that it was filed through; only when it is filed.
    pub origin: Option<&'a FilingOrigin>,
    /// The directory by which it was decided.
    pub directory: &'a Directory,
    /// Who is written into the audit record.
    pub by: Option<&'a AuditActor>,
    /// Hash of the timeline entry.
    pub chain_hash: &'a str,
    /// Whether it happened long ago, in another system: then nobody is told, neither people nor systems.
    pub is_history: bool,
}

impl PetitionEvent<'_> {
    /// The document in which the petition now stands.
    #[must_use]
    pub const fn present_document(&self) -> Option<&DocumentRow> {
        match self.entered {
            Some(entered) => Some(entered),
            None => self.document,
        }
    }
}

/// Writes what follows from an event.
pub trait PetitionSubscriber: Debug + Send + Sync {
    /// Runs in the transaction of the step.
    ///
    /// # Errors
    /// Undo the step.
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError>;
}

/// All subscribers, in the order in which they are told.
#[derive(Debug, Clone)]
pub struct PetitionSubscribers(Arc<[Box<dyn PetitionSubscriber>]>);

impl PetitionSubscribers {
    /// Keeps the order.
    #[must_use]
    pub fn new(subscribers: Vec<Box<dyn PetitionSubscriber>>) -> Self {
        Self(subscribers.into())
    }

    /// Tells each of them; the first that fails ends it.
    ///
    /// # Errors
    /// Those of the subscriber that failed.
    pub fn notify(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        self.0.iter().try_for_each(|subscriber| subscriber.on_event(connection, event))
    }
}

/// The system through which a petition was filed and which knows it by a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilingOrigin {
    /// A conversation on Zalo, by the id of its user.
    Zalo(String),
    /// A partner, or a system of the past.
    Partner {
        /// The partner.
        partner: String,
        /// Its name for the petition.
        partner_id: String,
        /// SHA-256 of what was sent, in hexadecimal digits.
        body_hash: String,
    },
}

/// What filing stores beside the petition; the rows get its number when they are stored.
#[derive(Clone)]
pub struct FiledRecords {
    /// Its words.
    pub text: TextRow,
    /// Who filed it.
    pub petitioner: PetitionerRow,
    /// How its deadline was computed.
    pub deadline: DeadlineRow,
    /// Through which system.
    pub origin: Option<FilingOrigin>,
}
