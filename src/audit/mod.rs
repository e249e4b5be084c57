//! The audit record: what officers, administrators and the operator do, written in the transaction in which they do it.
//!
//! Enters who acts ([`By`]) and what is done ([`Deed`]), leaves an entry at the end of the actor's chain. Every account has a chain
//! of its own, so that officers do not wait for one another. The doors hand a transaction out only against deeds: `record` of
//! petitions, [`changing`](crate::directory) of the administration, and [`writing`] for everything else; [`look`](crate::petitions::identity_look::look) is the
//! one way to an identity. Rule: never a password, a secret, a text about a petition or a petitioner's identity.

mod by;
mod deed;
pub mod heads;
pub mod http;
pub mod kept;
pub mod list;
pub mod rules;
pub mod standing;
pub mod store;

pub use crate::web::origin::Origin;
pub use by::By;
pub use deed::Deed;

use crate::app::App;
use crate::audit::rules::{AuditEntry, written};
use crate::audit::store as audit;
use crate::db::service_error::ServiceError;
use crate::db::{AsStorageError, DbConnection, StorageError};
use crate::kernel::Instant;

/// Writes a deed at the end of the actor's chain, in the transaction of the deed. Last in it, because the end of the chain is held
/// until the transaction ends.
///
/// # Errors
/// Only those of the database.
pub fn write(connection: &mut DbConnection, by: &By, at: Instant, deed: &Deed) -> Result<(), ServiceError> {
    let Some(deed) = deed.written() else { return Ok(()) };
    let entry = AuditEntry {
        stream: by.stream.clone(),
        sequence: 0,
        at: written(at),
        account_id: by.account,
        roles: by.roles.clone(),
        action: deed.action,
        subject_kind: deed.subject_kind,
        subject: deed.subject,
        source: by.origin.source.clone(),
        request_id: by.origin.request_id.clone(),
        detail: deed.detail,
        previous_hash: String::new(),
    };
    Ok(audit::append(connection, entry)?)
}

/// Runs a transaction that does something which has to be written down: its result comes with the deed.
///
/// # Errors
/// Those of the work and of the database.
pub async fn writing<T, E, F>(app: &App, by: &By, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<ServiceError> + From<StorageError> + AsStorageError + Send + 'static,
    F: Fn(&mut DbConnection) -> Result<(T, Deed), E> + Send + 'static,
{
    let (by, now) = (by.clone(), app.now());
    app.db
        .write(move |connection| {
            let (done, deed) = work(connection)?;
            write(connection, &by, now, &deed)?;
            Ok(done)
        })
        .await
}
