//! Domain events of petitions and their subscribers.
//!
//! [`record`](super::record::record) passes each stored step, inside its transaction, to the subscribers registered at
//! program start. A subscriber stores what follows from the event and never changes the petition; if it fails, the step
//! is rolled back.

use super::record::StepEntry;
use crate::audit::AuditActor;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::{DeadlineRow, PetitionRow, PetitionerRow, TextRow};
use std::fmt::Debug;
use std::sync::Arc;

/// A step as stored.
#[derive(Debug, Clone, Copy)]
pub struct PetitionEvent<'a> {
    /// The petition before the step; `None` when it is filed.
    pub before: Option<&'a PetitionRow>,
    /// The petition after the step.
    pub after: &'a PetitionRow,
    pub entry: &'a StepEntry,
    /// The document the step acted on, after the step.
    pub document: Option<&'a DocumentRow>,
    /// The document that the step entered in a register.
    pub entered: Option<&'a DocumentRow>,
    /// The external system the petition came from; only set when it is filed.
    pub origin: Option<&'a FilingOrigin>,
    /// The directory used for the decision.
    pub directory: &'a Directory,
    /// The actor for the audit record.
    pub by: Option<&'a AuditActor>,
    pub chain_hash: &'a str,
    /// Whether this is an imported step of another system; then no person or system is notified.
    pub is_history: bool,
}

impl PetitionEvent<'_> {
    /// Returns the current document of the petition.
    #[must_use]
    pub const fn present_document(&self) -> Option<&DocumentRow> {
        match self.entered {
            Some(entered) => Some(entered),
            None => self.document,
        }
    }
}

/// Handles petition events.
pub trait PetitionSubscriber: Debug + Send + Sync {
    /// Handles the event inside the transaction of the step.
    ///
    /// # Errors
    /// Any error rolls the step back.
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError>;
}

/// All subscribers, called in this order.
#[derive(Debug, Clone)]
pub struct PetitionSubscribers(Arc<[Box<dyn PetitionSubscriber>]>);

impl PetitionSubscribers {
    /// Creates the list; the order is kept.
    #[must_use]
    pub fn new(subscribers: Vec<Box<dyn PetitionSubscriber>>) -> Self {
        Self(subscribers.into())
    }

    /// Calls each subscriber; stops at the first error.
    ///
    /// # Errors
    /// The error of the subscriber that failed.
    pub fn notify(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        self.0.iter().try_for_each(|subscriber| subscriber.on_event(connection, event))
    }
}

/// The external system through which a petition was filed, with its own id for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilingOrigin {
    /// A Zalo conversation, by Zalo user id.
    Zalo(String),
    /// A partner system, or a former system whose data was imported.
    Partner {
        partner: String,
        /// The partner's id for the petition.
        partner_id: String,
        /// SHA-256 of the request body in hex.
        body_hash: String,
    },
}

/// The rows stored with a new petition; they get its row number when stored.
#[derive(Clone)]
pub struct FiledRecords {
    pub text: TextRow,
    pub petitioner: PetitionerRow,
    pub deadline: DeadlineRow,
    pub origin: Option<FilingOrigin>,
}
