//! The audit record: what officers, administrators and the operator do, written in the transaction in which they do it.
//!
//! Enters who acts ([`AuditActor`]) and what is done ([`AuditEvent`]), leaves an entry at the end of the actor's chain. Every account has a chain
//! of its own, so that officers do not wait for one another. The doors hand a transaction out only against deeds: `record` of
//! petitions, [`changing`](crate::directory) of the administration, and [`transaction`] for everything else; [`look`](crate::petitions::identity_access::log_access) is the
//! one way to an identity. Rule: never a password, a secret, a text about a petition or a petitioner's identity.

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

/// Writes an event at the end of the actor's chain, in the transaction of what is done. Last in it, because the end of the chain is held
/// until the transaction ends.
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

/// Runs a transaction that does something which has to be written down: its result comes with the deed.
///
/// # Errors
/// Those of the work and of the database.
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
