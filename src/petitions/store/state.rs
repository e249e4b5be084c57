//! Storage of the petition row, which only `petitions::record` changes.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::petitions;
use crate::db::{DbConnection, StorageError, dialect};
use crate::directory::rules::deadline::Urgency;
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, AreaId, CategoryId, PetitionId, RoutingRuleId};
use crate::petitions::rules::{Channel, PetitionKind, PetitionerKind, RequestState, Status, Timeliness};
use chrono::NaiveDate;
use diesel::prelude::*;

/// The state of a petition: everything that decides what may happen next; the texts are in [`super::TextRow`].
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = petitions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PetitionRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: PetitionId,
    /// The public code.
    pub code: String,
    pub kind: PetitionKind,
    pub category_id: CategoryId,
    /// The commune of the case.
    pub area_id: AreaId,
    pub channel: Channel,
    pub urgency: Urgency,
    pub petitioner_kind: PetitionerKind,
    /// The petitioner's account; `None` for guests.
    pub account_id: Option<AccountId>,
    pub status: Status,
    /// Incremented with each change; equals the sequence of the newest timeline entry.
    pub version: i32,
    /// The agency that holds it; `None` on the coordinator's desk.
    pub agency_id: Option<AgencyId>,
    /// The officer who works on it.
    pub assignee_id: Option<AccountId>,
    /// The rule that chose the first agency.
    pub routing_rule_id: Option<RoutingRuleId>,
    pub received_at: Instant,
    /// The Vietnamese day of filing.
    pub received_on: NaiveDate,
    /// The current deadline.
    pub due_at: Instant,
    /// Start of the current pause.
    pub paused_at: Option<Instant>,
    /// When the worker acts if nobody else does.
    pub system_due_at: Option<Instant>,
    /// When the first approved answer was sent.
    pub first_answered_at: Option<Instant>,
    /// Whether the first answer was in time.
    pub timeliness: Option<Timeliness>,
    /// When it was first answered, refused, withdrawn or merged.
    pub settled_at: Option<Instant>,
    /// The latest rating, 1–5.
    pub score: Option<i32>,
    pub answer_count: i32,
    pub reopening_count: i32,
    /// Number of transfers between agencies.
    pub hop_count: i32,
    pub extension: RequestState,
    pub reopening: RequestState,
    /// The original, when it was merged as a duplicate.
    pub merged_into_id: Option<PetitionId>,
}

/// Stores a new petition and returns its row number.
///
/// # Errors
/// `Conflict(PetitionCode)` when the code is taken.
pub fn insert(connection: &mut DbConnection, petition: &PetitionRow) -> Result<PetitionId, StorageError> {
    let statement = diesel::insert_into(petitions::table).values(petition).returning(petitions::id);
    Ok(on_backend!(connection, either => statement.get_result(either))?)
}

/// Returns a petition by row number and, on PostgreSQL, locks the row until the transaction ends, so that concurrent
/// officers are served one after the other.
pub fn find_for_change(connection: &mut DbConnection, id: PetitionId) -> Result<Option<PetitionRow>, StorageError> {
    dialect::lock::petition(connection, id)?;
    find(connection, id)
}

/// Returns a petition by row number.
pub fn find(connection: &mut DbConnection, id: PetitionId) -> Result<Option<PetitionRow>, StorageError> {
    Ok(petitions::table.find(id).select(PetitionRow::as_select()).get_result(connection).optional()?)
}

/// Returns a petition by its code in canonical spelling.
pub fn find_by_code(connection: &mut DbConnection, code: &str) -> Result<Option<PetitionRow>, StorageError> {
    Ok(petitions::table.filter(petitions::code.eq(code)).select(PetitionRow::as_select()).get_result(connection).optional()?)
}

/// Updates the row if it is still at `version` (optimistic lock); returns whether it was.
pub fn update(connection: &mut DbConnection, petition: &PetitionRow, version: i32) -> Result<bool, StorageError> {
    let target = petitions::table.filter(petitions::id.eq(petition.id)).filter(petitions::version.eq(version));
    Ok(diesel::update(target).set(petition).execute(connection)? == 1)
}
