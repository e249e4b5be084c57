//! Subscriber that writes an audit record for each officer step on a petition. The record contains the hash of the
//! timeline entry, which ties the timeline to the signed audit heads.

use super::event::{PetitionEvent, PetitionSubscriber};
use crate::audit::{self, AuditEvent};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::petitions::rules::timeline::ActorKind;

/// Writes an audit record for every step taken by an officer.
#[derive(Debug)]
pub struct PetitionAudit;

impl PetitionSubscriber for PetitionAudit {
    fn on_event(&self, connection: &mut DbConnection, event: &PetitionEvent<'_>) -> Result<(), ServiceError> {
        let PetitionEvent { before, after, entry, .. } = event;
        if entry.author.kind != ActorKind::Officer {
            return Ok(());
        }
        let by = event.by.ok_or(ServiceError::Internal("a step of an officer came without the officer"))?;
        let audited = AuditEvent::new(entry.action.as_str(), "petition", &after.code)
            .with("document", event.present_document().map(|document| document.id.0))
            .with("before", before.map(|before| before.status.as_str()))
            .with("after", after.status.as_str())
            .with("entry", after.version)
            .with("chain_hash", event.chain_hash);
        audit::write(connection, by, entry.at, &audited)
    }
}
