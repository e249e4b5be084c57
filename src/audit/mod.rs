//! The audit record: actions of officers, administrators and the operator, written in the same transaction.
//!
//! Takes the [`AuditActor`] and the [`AuditEvent`], appends an entry to the actor's chain. Every account has its
//! own chain, so that officers do not wait for each other. Write transactions require an event: `record` for
//! petitions, [`changing`](crate::directory) for administration, [`transaction`] for everything else; identities
//! are accessible only through [`look`](crate::petitions::identity_access::log_access). Rule: entries never
//! contain passwords, secrets, petition texts or a petitioner's identity.

mod actor;
pub mod anchor_status;
mod event;
pub mod external_heads;
pub mod heads;
pub mod http;
pub mod list;
pub mod rules;
pub mod store;

pub use crate::web::origin::RequestOrigin;
pub use actor::AuditActor;
pub use event::AuditEvent;

use crate::app::App;
use crate::audit::rules::{AuditEntry, written};
use crate::audit::store as audit;
use crate::db::service_error::ServiceError;
use crate::db::{AsStorageError, DbConnection, StorageError};
use crate::kernel::Instant;

/// Appends an event to the actor's chain, in the transaction of the action. Call it last, because the end of the
/// chain stays locked until the transaction ends.
pub fn write(connection: &mut DbConnection, by: &AuditActor, at: Instant, event: &AuditEvent) -> Result<(), ServiceError> {
    let Some(event) = event.written() else { return Ok(()) };
    let entry = AuditEntry {
        stream: by.stream.clone(),
        sequence: 0,
        at: written(at),
        account_id: by.account,
        roles: by.roles.clone(),
        action: event.action,
        subject_kind: event.subject_kind,
        subject: event.subject,
        source: by.origin.source.clone(),
        request_id: by.origin.request_id.clone(),
        detail: event.detail,
        previous_hash: String::new(),
    };
    Ok(audit::append(connection, entry)?)
}

/// Runs a transaction whose result comes with an audit event, and writes the event.
///
/// # Errors
/// Errors of the work and of the database.
pub async fn transaction<T, E, F>(app: &App, by: &AuditActor, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<ServiceError> + From<StorageError> + AsStorageError + Send + 'static,
    F: Fn(&mut DbConnection) -> Result<(T, AuditEvent), E> + Send + 'static,
{
    let (by, now) = (by.clone(), app.now());
    app.db
        .write(move |connection| {
            let (done, event) = work(connection)?;
            write(connection, &by, now, &event)?;
            Ok(done)
        })
        .await
}
