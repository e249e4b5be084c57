//! Reads petitions for the figures, page by page, and their timelines: for every figure that rollup rows cannot
//! answer.

use crate::db::dialect::interruptible::interruptible;
use crate::db::schema::{petitions, timeline};
use crate::db::{DbConnection, StorageError, query_deadline};
use crate::directory::rules::deadline::Urgency;
use crate::figures::rules::{FilingFacts, PetitionFacts, ReplayEntry};
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, AreaId, CategoryId, PetitionId};
use crate::petitions::rules::{Action, Channel, PetitionerKind, Status, Timeliness};
use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::HashMap;

/// Petitions per page; limits the memory of a query.
pub const PAGE: i64 = 500;

/// A condition on first answer and validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettlementStatus {
    Any,
    /// Neither answered nor invalid up to now.
    Unsettled,
    /// Neither answered nor invalid up to now, and due from the first instant on and before the second.
    UnsettledDue(Instant, Instant),
    /// First answered, or became invalid, at this instant or later.
    SettledFrom(Instant),
    /// First answered before this instant, but reopened at some time.
    ReopenedSettledBefore(Instant),
}

/// A set of petitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// First day of receipt.
    pub from: NaiveDate,
    /// Last day of receipt.
    pub to: NaiveDate,
    pub standing: SettlementStatus,
    pub categories: Option<Vec<CategoryId>>,
    pub channel: Option<Channel>,
    pub petitioner_kind: Option<PetitionerKind>,
    pub urgency: Option<Urgency>,
}

/// A petition with the data needed for figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortMember {
    pub id: PetitionId,
    pub code: String,
    /// The day of receipt (Vietnamese time).
    pub received_on: NaiveDate,
    /// When it was first answered or became invalid.
    pub settled_at: Option<Instant>,
    /// The number of its newest timeline entry.
    pub version: i32,
    /// When the newest entry was made.
    pub changed_at: Instant,
    /// Its current facts.
    pub facts: PetitionFacts,
}

impl CohortMember {
    /// Returns the facts set at filing, which never change.
    #[must_use]
    pub const fn origin(&self) -> FilingFacts {
        FilingFacts {
            received_at: self.facts.received_at,
            category_id: self.facts.category_id,
            area_id: self.facts.area_id,
            channel: self.facts.channel,
            petitioner_kind: self.facts.petitioner_kind,
            urgency: self.facts.urgency,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = petitions)]
struct CohortMemberRow {
    id: PetitionId,
    code: String,
    category_id: CategoryId,
    area_id: AreaId,
    channel: Channel,
    urgency: Urgency,
    petitioner_kind: PetitionerKind,
    status: Status,
    version: i32,
    agency_id: Option<AgencyId>,
    received_at: Instant,
    received_on: NaiveDate,
    due_at: Instant,
    first_answered_at: Option<Instant>,
    timeliness: Option<Timeliness>,
    settled_at: Option<Instant>,
    score: Option<i32>,
    answer_count: i32,
    reopening_count: i32,
}

impl CohortMemberRow {
    fn into_subject(self, changed_at: Instant) -> CohortMember {
        CohortMember {
            id: self.id,
            code: self.code,
            received_on: self.received_on,
            settled_at: self.settled_at,
            version: self.version,
            changed_at,
            facts: PetitionFacts {
                agency_id: self.agency_id,
                status: self.status,
                received_at: self.received_at,
                category_id: self.category_id,
                area_id: self.area_id,
                channel: self.channel,
                petitioner_kind: self.petitioner_kind,
                urgency: self.urgency,
                due_at: self.due_at,
                first_answered_at: self.first_answered_at,
                timeliness: self.timeliness,
                score: self.score,
                answer_count: self.answer_count,
                reopening_count: self.reopening_count,
            },
        }
    }
}

/// Returns up to `PAGE` petitions of a cohort after `after`, by day of receipt and ID.
pub fn page(
    connection: &mut DbConnection,
    cohort: &Cohort,
    after: Option<(NaiveDate, PetitionId)>,
) -> Result<Vec<CohortMember>, StorageError> {
    query_deadline::check()?;
    let query = petitions::table
        .inner_join(timeline::table.on(timeline::petition_id.eq(petitions::id).and(timeline::sequence.eq(petitions::version))))
        .filter(petitions::received_on.between(cohort.from, cohort.to))
        .order((petitions::received_on, petitions::id))
        .limit(PAGE)
        .select((CohortMemberRow::as_select(), timeline::at))
        .into_boxed();
    let mut query = interruptible!(connection, query, "petitions.id");
    query = match cohort.standing {
        SettlementStatus::Any => query,
        SettlementStatus::Unsettled => query.filter(petitions::settled_at.is_null()),
        SettlementStatus::UnsettledDue(from, before) => {
            query.filter(petitions::settled_at.is_null()).filter(petitions::due_at.ge(from)).filter(petitions::due_at.lt(before))
        }
        SettlementStatus::SettledFrom(instant) => query.filter(petitions::settled_at.ge(instant)),
        SettlementStatus::ReopenedSettledBefore(instant) => {
            query.filter(petitions::settled_at.lt(instant)).filter(sql::<Bool>("petitions.reopening_count > 0"))
        }
    };
    if let Some((day, id)) = after {
        let behind = petitions::received_on.gt(day).or(petitions::received_on.eq(day).and(petitions::id.gt(id)));
        query = query.filter(petitions::received_on.ge(day)).filter(behind);
    }
    if let Some(categories) = &cohort.categories {
        query = query.filter(petitions::category_id.eq_any(categories.clone()));
    }
    if let Some(channel) = cohort.channel {
        query = query.filter(petitions::channel.eq(channel));
    }
    if let Some(kind) = cohort.petitioner_kind {
        query = query.filter(petitions::petitioner_kind.eq(kind));
    }
    if let Some(urgency) = cohort.urgency {
        query = query.filter(petitions::urgency.eq(urgency));
    }
    let rows: Vec<(CohortMemberRow, Instant)> = query.load(connection)?;
    Ok(rows.into_iter().map(|(row, changed_at)| row.into_subject(changed_at)).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = timeline)]
struct EntryRow {
    petition_id: PetitionId,
    at: Instant,
    action: Action,
    status: Status,
    agency_id: Option<AgencyId>,
    due_at: Instant,
    score: Option<i32>,
}

/// Returns the timelines of some petitions, each in order.
pub fn entries(connection: &mut DbConnection, of: &[PetitionId]) -> Result<HashMap<PetitionId, Vec<ReplayEntry>>, StorageError> {
    let rows: Vec<EntryRow> = timeline::table
        .filter(timeline::petition_id.eq_any(of.to_vec()))
        .order((timeline::petition_id, timeline::sequence))
        .select(EntryRow::as_select())
        .load(connection)?;
    let mut entries: HashMap<PetitionId, Vec<ReplayEntry>> = HashMap::new();
    for row in rows {
        let EntryRow { petition_id, at, action, status, agency_id, due_at, score } = row;
        entries.entry(petition_id).or_default().push(ReplayEntry { at, action, status, agency_id, due_at, score });
    }
    Ok(entries)
}
