//! Computes the due date of a petition from its stored explanation: the counted or granted day, moved by the pauses.
//!
//! Every change of a deadline goes through here, so that petition, document, timeline and explanation agree.

use crate::db::service_error::ServiceError;
use crate::directory::rules::calendar::WorkingCalendar;
use crate::directory::rules::deadline::{self, Deadline};
use crate::kernel::Instant;
use crate::petitions::store::DeadlineRow;

/// A due date and its base before pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueDate {
    /// End of the count or, after an extension, the granted day.
    pub counted_until: Instant,
    /// `counted_until` moved by the pauses.
    pub due_at: Instant,
}

/// Returns the due date for stored values on a calendar; `count` is the parsed explanation.
///
/// # Errors
/// `Internal` when the calendar has no working sessions.
pub fn due(stored: &DeadlineRow, count: &Deadline, calendar: &WorkingCalendar) -> Result<DueDate, ServiceError> {
    let nobody_works = ServiceError::Internal("the working calendar has no sessions");
    let end_of = |until| calendar.end_of_last_session(calendar.working_day_on_or_after(until)?);
    let counted_until = match stored.extended_until {
        Some(until) => end_of(until).ok_or(nobody_works)?,
        None => count.due_at,
    };
    let due_at = deadline::extend_by_paused(counted_until, stored.paused_working_ms, calendar)
        .map_err(|_| ServiceError::Internal("the working calendar has no sessions"))?;
    Ok(DueDate { counted_until, due_at })
}

/// Parses the stored deadline count.
///
/// # Errors
/// `Internal` when it cannot be read.
pub fn count(stored: &DeadlineRow) -> Result<Deadline, ServiceError> {
    serde_json::from_str(&stored.explanation).map_err(|_| ServiceError::Internal("a stored deadline cannot be read"))
}
