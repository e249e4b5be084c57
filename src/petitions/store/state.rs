//! The state of a petition: one row, changed only by `petitions::record`.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::petitions;
use crate::db::{DbConnection, StorageError, dialect};
use crate::directory::rules::deadline::Urgency;
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, AreaId, CategoryId, PetitionId, RoutingRuleId};
use crate::petitions::rules::{Channel, PetitionKind, PetitionerKind, RequestState, Status, Timeliness};
use chrono::NaiveDate;
use diesel::prelude::*;

/// Everything about a petition that decides what may happen next; its words are in [`super::TextRow`].
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = petitions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PetitionRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: PetitionId,
    /// The code that people know it by.
    pub code: String,
    /// What sort of petition it is.
    pub kind: PetitionKind,
    /// Its category.
    pub category_id: CategoryId,
    /// The commune of the case.
    pub area_id: AreaId,
    /// How it came in.
    pub channel: Channel,
    /// How urgent it is.
    pub urgency: Urgency,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    /// The petitioner's account; none for guests.
    pub account_id: Option<AccountId>,
    /// Where it stands.
    pub status: Status,
    /// Raised by one with each change; the sequence of the newest timeline entry.
    pub version: i32,
    /// The agency that holds it; none on the coordinator's desk.
    pub agency_id: Option<AgencyId>,
    /// The officer who works on it.
    pub assignee_id: Option<AccountId>,
    /// The rule that chose the first agency.
    pub routing_rule_id: Option<RoutingRuleId>,
    /// When it was filed.
    pub received_at: Instant,
    /// The Vietnamese day of filing.
    pub received_on: NaiveDate,
    /// The deadline in force.
    pub due_at: Instant,
    /// Since when the clock is paused.
    pub paused_at: Option<Instant>,
    /// When the worker has to act if nobody else does.
    pub system_due_at: Option<Instant>,
    /// When the first approved answer was sent.
    pub first_answered_at: Option<Instant>,
    /// Whether the first answer came in time.
    pub timeliness: Option<Timeliness>,
    /// When it was first answered or ceased to count.
    pub settled_at: Option<Instant>,
    /// The latest rating, 1–5.
    pub score: Option<i32>,
    /// How many answers were sent.
    pub answer_count: i32,
    /// How many times it was reopened.
    pub reopening_count: i32,
    /// How many times it was handed from agency to agency.
    pub hop_count: i32,
    /// Where the request for a later deadline stands.
    pub extension: RequestState,
    /// Where the request to look again stands.
    pub reopening: RequestState,
    /// The petition that it repeats.
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

/// Finds a petition by its row number and, on PostgreSQL, holds its row until the transaction ends, so that two
/// officers who act at once are served one after the other.
pub fn find_for_change(connection: &mut DbConnection, id: PetitionId) -> Result<Option<PetitionRow>, StorageError> {
    dialect::lock::petition(connection, id)?;
    find(connection, id)
}

/// Finds a petition by its row number.
pub fn find(connection: &mut DbConnection, id: PetitionId) -> Result<Option<PetitionRow>, StorageError> {
    Ok(petitions::table.find(id).select(PetitionRow::as_select()).get_result(connection).optional()?)
}

/// Finds a petition by its code in canonical spelling.
pub fn find_by_code(connection: &mut DbConnection, code: &str) -> Result<Option<PetitionRow>, StorageError> {
    Ok(petitions::table.filter(petitions::code.eq(code)).select(PetitionRow::as_select()).get_result(connection).optional()?)
}

/// Replaces the state if it is still at `version`; says whether it was.
pub fn update(connection: &mut DbConnection, petition: &PetitionRow, version: i32) -> Result<bool, StorageError> {
    let target = petitions::table.filter(petitions::id.eq(petition.id)).filter(petitions::version.eq(version));
    Ok(diesel::update(target).set(petition).execute(connection)? == 1)
}
