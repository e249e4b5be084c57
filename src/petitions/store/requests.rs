//! Storage of requests that another person decides: deadline extension and reopening.

use crate::db::schema::requests;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::RequestKind;
use chrono::NaiveDate;
use diesel::prelude::*;

/// A request and its decision, once made.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = requests)]
pub struct RequestRow {
    pub id: i64,
    pub petition_id: PetitionId,
    pub kind: RequestKind,
    pub reason: String,
    /// The requested day of an extension.
    pub until_on: Option<NaiveDate>,
    pub asked_at: Instant,
    pub decided_at: Option<Instant>,
    pub is_granted: Option<bool>,
}

/// Stores a request.
pub fn insert(
    connection: &mut DbConnection,
    petition: PetitionId,
    kind: RequestKind,
    reason: &str,
    until: Option<NaiveDate>,
    at: Instant,
) -> Result<(), StorageError> {
    diesel::insert_into(requests::table)
        .values((
            requests::petition_id.eq(petition),
            requests::kind.eq(kind),
            requests::reason.eq(reason),
            requests::until_on.eq(until),
            requests::asked_at.eq(at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Returns the newest request of a kind, decided or not.
pub fn newest(
    connection: &mut DbConnection,
    petition: PetitionId,
    kind: RequestKind,
) -> Result<Option<RequestRow>, StorageError> {
    Ok(requests::table
        .filter(requests::petition_id.eq(petition))
        .filter(requests::kind.eq(kind))
        .order(requests::id.desc())
        .select(RequestRow::as_select())
        .first(connection)
        .optional()?)
}

/// Stores the decision on a request.
pub fn decide(connection: &mut DbConnection, id: i64, is_granted: bool, at: Instant) -> Result<(), StorageError> {
    diesel::update(requests::table.filter(requests::id.eq(id)))
        .set((requests::decided_at.eq(at), requests::is_granted.eq(is_granted)))
        .execute(connection)?;
    Ok(())
}
