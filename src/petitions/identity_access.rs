//! The access log of identities: every access is written to the access table and to the audit record.

use crate::audit::{AuditActor, AuditEvent, write};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::ids::AccountId;
use crate::petitions::rules::petitioner::LookPurpose;
use crate::petitions::store::{PetitionRow, petitioners};

/// Logs that an account accesses a petitioner's identity, with occasion and purpose, in the transaction that reads the
/// identity.
pub fn log_access(
    connection: &mut DbConnection,
    by: &AuditActor,
    petition: &PetitionRow,
    account: AccountId,
    at: Instant,
    (occasion, purpose, event): (&str, LookPurpose, AuditEvent),
) -> Result<(), ServiceError> {
    petitioners::log_access(connection, petition.id, account, at, (occasion, purpose))?;
    write(connection, by, at, &event.with("occasion", occasion).with("purpose", purpose.as_str()))
}
