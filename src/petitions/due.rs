//! The one due date of a petition, from what is stored to explain it: the days counted or the day granted, and the pauses behind.
//!
//! Whoever moves a deadline asks here, so that the petition, its document, the timeline and the explanation say the same.

use crate::db::service_error::ServiceError;
use crate::directory::rules::calendar::WorkingCalendar;
use crate::directory::rules::deadline::{self, Deadline};
use crate::kernel::Instant;
use crate::petitions::store::DeadlineRow;

/// A due date in its two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueDate {
    /// Where the count ends or, once it was extended, the granted day.
    pub counted_until: Instant,
    /// Moved behind that by the pauses.
    pub due_at: Instant,
}

/// The due date that stored values explain on a calendar; `count` is their explanation, read.
///
/// # Errors
/// `Internal` when nobody works any more.
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

/// The count as it was stored.
///
/// # Errors
/// `Internal` when it cannot be read.
pub fn count(stored: &DeadlineRow) -> Result<Deadline, ServiceError> {
    serde_json::from_str(&stored.explanation).map_err(|_| ServiceError::Internal("a stored deadline cannot be read"))
}
