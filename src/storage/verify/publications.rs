//! Publications in the order of their petitions, with what has to be true of those.

use crate::domain::Instant;
use crate::domain::ids::PetitionId;
use crate::domain::petition::Status;
use crate::storage::petitions::petitioners::person;
use crate::storage::publications::PublicationRow;
use crate::storage::schema::{petitioners, petitions, publications};
use crate::storage::{DbConnection, StorageError};
use diesel::prelude::*;

/// A publication with the code, the state and the first answer of its petition, and the names of its petitioner.
pub type Published = (PublicationRow, String, Status, Option<Instant>, (Option<String>, Option<String>));

/// Some publications after that of the petition `after`.
///
/// # Errors
/// Only those of the database.
pub fn page(connection: &mut DbConnection, after: PetitionId, limit: i64) -> Result<Vec<Published>, StorageError> {
    type Stored = (PublicationRow, String, Status, Option<Instant>, String);
    let stored: Vec<Stored> = publications::table
        .inner_join(petitions::table.on(petitions::id.eq(publications::petition_id)))
        .inner_join(petitioners::table.on(petitioners::petition_id.eq(publications::petition_id)))
        .filter(publications::petition_id.gt(after))
        // The same for the tables beside it: a planner that merges them would begin with their first rows at every page.
        .filter(petitions::id.gt(after))
        .filter(petitioners::petition_id.gt(after))
        .order(publications::petition_id)
        .limit(limit)
        .select((
            PublicationRow::as_select(),
            petitions::code,
            petitions::status,
            petitions::first_answered_at,
            petitioners::person,
        ))
        .load(connection)?;
    let open = |(publication, code, status, answered, sealed): Stored| {
        // What does not open is a finding of another check, which must not stop this one.
        let person = person(publication.petition_id, &sealed).unwrap_or_default();
        (publication, code, status, answered, (person.full_name, person.company_name))
    };
    Ok(stored.into_iter().map(open).collect())
}
