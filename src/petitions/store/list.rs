//! Queries for lists: a petitioner's own petitions, the coordinator's desk, and the worker's due petitions.

use super::PetitionRow;
use crate::db::schema::{petitions, requests};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, AreaId, PetitionId};
use crate::petitions::rules::{RequestKind, RequestState, Status};
use chrono::NaiveDate;
use diesel::prelude::*;

/// Filter for a petitioner's own petitions.
#[derive(Debug, Clone, Default)]
pub struct OwnFilter {
    pub status: Option<Status>,
    /// Received on or after this day.
    pub from: Option<NaiveDate>,
    /// Received on or before this day.
    pub to: Option<NaiveDate>,
}

/// Returns a petitioner's petitions, newest first, older than `before`.
pub fn of_account(
    connection: &mut DbConnection,
    account: AccountId,
    filter: &OwnFilter,
    before: Option<PetitionId>,
    limit: i64,
) -> Result<Vec<PetitionRow>, StorageError> {
    let mut query = petitions::table.filter(petitions::account_id.eq(account)).into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(petitions::status.eq(status));
    }
    if let Some(from) = filter.from {
        query = query.filter(petitions::received_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(petitions::received_on.le(to));
    }
    if let Some(before) = before {
        query = query.filter(petitions::id.lt(before));
    }
    Ok(query.order(petitions::id.desc()).limit(limit).select(PetitionRow::as_select()).load(connection)?)
}

/// Returns the petitions on the coordinator's desk (no agency), oldest first, after `after`.
pub fn on_coordination_desk(
    connection: &mut DbConnection,
    after: Option<PetitionId>,
    limit: i64,
) -> Result<Vec<PetitionRow>, StorageError> {
    let mut query = petitions::table.filter(petitions::status.eq(Status::Received)).into_boxed();
    if let Some(after) = after {
        query = query.filter(petitions::id.gt(after));
    }
    Ok(query.order(petitions::id).limit(limit).select(PetitionRow::as_select()).load(connection)?)
}

/// Returns the petitions of these agencies with an undecided reopening request, in row order, after `after`.
pub fn waiting_for_reopening(
    connection: &mut DbConnection,
    agencies: &[AgencyId],
    after: Option<PetitionId>,
    limit: i64,
) -> Result<Vec<PetitionRow>, StorageError> {
    // Starts from the undecided requests: they are few, and the reopening state of petitions has no index.
    let asked = requests::table
        .filter(requests::kind.eq(RequestKind::Reopening))
        .filter(requests::decided_at.is_null())
        .select(requests::petition_id);
    let mut query = petitions::table
        .filter(petitions::id.eq_any(asked))
        .filter(petitions::reopening.eq(RequestState::Asked))
        .filter(petitions::agency_id.eq_any(agencies.to_vec()))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(petitions::id.gt(after));
    }
    Ok(query.order(petitions::id).limit(limit).select(PetitionRow::as_select()).load(connection)?)
}

/// Returns the petitions on which the worker must act by now, most overdue first.
pub fn system_due(connection: &mut DbConnection, now: Instant, limit: i64) -> Result<Vec<PetitionId>, StorageError> {
    Ok(petitions::table
        .filter(petitions::system_due_at.le(now))
        .order((petitions::system_due_at, petitions::id))
        .limit(limit)
        .select(petitions::id)
        .load(connection)?)
}

/// Returns the petitions merged into this one.
pub fn duplicates_of(connection: &mut DbConnection, petition: PetitionId) -> Result<Vec<PetitionId>, StorageError> {
    Ok(petitions::table
        .filter(petitions::merged_into_id.eq(petition))
        .order(petitions::id)
        .select(petitions::id)
        .load(connection)?)
}

/// An open petition with the agency that holds it and the commune of its case.
pub type HeldPetition = (PetitionId, AgencyId, AreaId);

/// Returns every open petition held by an agency, in row order.
pub fn held_open(connection: &mut DbConnection) -> Result<Vec<HeldPetition>, StorageError> {
    let open: Vec<Status> = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
    Ok(petitions::table
        .filter(petitions::status.eq_any(open))
        .filter(petitions::agency_id.is_not_null())
        .order(petitions::id)
        .select((petitions::id, petitions::agency_id.assume_not_null(), petitions::area_id))
        .load(connection)?)
}

/// Returns the number of petitions in any state.
pub fn count(connection: &mut DbConnection) -> Result<i64, StorageError> {
    Ok(petitions::table.count().get_result(connection)?)
}
