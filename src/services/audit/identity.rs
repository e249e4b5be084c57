//! The one way to an identity: whoever looks is written down, in the table of looks and in the audit record.

use super::{By, Deed, write};
use crate::domain::Instant;
use crate::domain::ids::AccountId;
use crate::domain::petitioner::LookPurpose;
use crate::services::error::ServiceError;
use crate::storage::DbConnection;
use crate::storage::petitions::{PetitionRow, petitioners};

/// Writes down that an account looks at who stands behind a petition, on an occasion and for a purpose; in the transaction that reads
/// the identity.
///
/// # Errors
/// Only those of the database.
pub fn look(
    connection: &mut DbConnection,
    by: &By,
    petition: &PetitionRow,
    account: AccountId,
    at: Instant,
    (occasion, purpose, deed): (&str, LookPurpose, Deed),
) -> Result<(), ServiceError> {
    petitioners::log_look(connection, petition.id, account, at, (occasion, purpose))?;
    write(connection, by, at, &deed.tell("occasion", occasion).tell("purpose", purpose.as_str()))
}
