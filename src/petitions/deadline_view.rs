//! A deadline with everything that explains it.

use super::due::{DueDate, count, due};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::deadline::Deadline;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::kernel::ids::DeadlineRuleId;
use crate::petitions::store::{PetitionRow, deadlines};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// How the deadline was found. Its `due_at` is that of the petition: `counted_until`, moved by the pauses.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeadlineView {
    /// The rule that was applied.
    pub rule: DeadlineRuleId,
    /// Working time in milliseconds for which the clock was paused: whole minutes of each pause, a begun minute is not counted.
    pub paused_working_ms: i64,
    /// Since when the clock has been standing still; none while it runs.
    pub paused_since: Option<Instant>,
    /// The day to which it was extended; later pauses move that.
    pub extended_until: Option<NaiveDate>,
    /// Where the count ends or, once it was extended, the granted day: the due date before the pauses.
    pub counted_until: Instant,
    /// The days up to the due date of which it may still be decided whether somebody works; the due date may move with them.
    pub unconfirmed_days: Vec<NaiveDate>,
    /// The count itself: from when, how much, which days, which were skipped and why.
    #[serde(flatten)]
    pub count: Deadline,
}

impl DeadlineView {
    /// The deadline of a petition.
    pub fn of(connection: &mut DbConnection, directory: &Directory, petition: &PetitionRow) -> Result<Self, ServiceError> {
        let stored = deadlines::find(connection, petition.id)?;
        let counted = count(&stored)?;
        let calendar = directory.calendar();
        let DueDate { counted_until, .. } = due(&stored, &counted, calendar)?;
        Ok(Self {
            rule: stored.rule_id,
            paused_working_ms: stored.paused_working_ms,
            paused_since: petition.paused_at,
            extended_until: stored.extended_until,
            counted_until,
            unconfirmed_days: calendar.unconfirmed_between(counted.counted_from.local_date(), petition.due_at.local_date()),
            count: Deadline { due_at: petition.due_at, ..counted },
        })
    }
}
