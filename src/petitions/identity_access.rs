//! The one way to an identity: whoever looks is written down, in the table of looks and in the audit record.

use crate::audit::{AuditActor, AuditEvent, write};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::ids::AccountId;
use crate::petitions::rules::petitioner::LookPurpose;
use crate::petitions::store::{PetitionRow, petitioners};

/// Writes down that an account looks at who stands behind a petition, on an occasion and for a purpose; in the transaction that reads
/// the identity.
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
