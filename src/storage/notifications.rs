//! Notifications to send: written in the transaction of the event that causes them.

use crate::domain::Instant;
use crate::domain::ids::{AgencyId, PetitionId};
use crate::domain::petition::Audience;
use crate::storage::dialect::straight::straight;
use crate::storage::schema::notifications;
use crate::storage::{DbConnection, StorageError};
use diesel::prelude::*;

/// Stores that `audience` is to be told of the entry `sequence` of a petition's timeline; twice is once.
///
/// # Errors
/// Only those of the database.
pub fn insert(
    connection: &mut DbConnection,
    petition: PetitionId,
    sequence: i32,
    audience: Audience,
    agency: Option<AgencyId>,
    at: Instant,
) -> Result<(), StorageError> {
    let statement = diesel::insert_into(notifications::table).values((
        notifications::petition_id.eq(petition),
        notifications::sequence.eq(sequence),
        notifications::audience.eq(audience),
        notifications::agency_id.eq(agency.map(|id| id.0)),
        notifications::created_at.eq(at),
    ));
    straight!(connection, either => statement.execute(either))?;
    Ok(())
}
