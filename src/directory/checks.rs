//! Checks shared by all directory entries that an administrator creates, amends or ends.

use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::DirectoryEntry;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::text;
use crate::kernel::validity::Validity;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer};

const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2199;
const LONGEST_NAME: usize = 200;

/// Refuses a change of an entry that was changed since the caller read it.
pub(crate) fn version(present: i32, expected: Option<i32>) -> Result<(), ErrorCode> {
    if expected.is_none_or(|expected| expected == present) { Ok(()) } else { Err(ErrorCode::StaleVersion) }
}

/// Validates a day for a query or change, so that a mistyped year is refused.
///
/// # Errors
/// `Between` for days outside of 1900 to 2199.
pub fn day(day: NaiveDate) -> Result<NaiveDate, FieldRule> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&day.year()) {
        Ok(day)
    } else {
        Err(FieldRule::Between(format!("{FIRST_YEAR}-01-01"), format!("{LAST_YEAR}-12-31")))
    }
}

/// Validates a single-line name.
pub(crate) fn name(text: &str) -> Result<String, FieldRule> {
    text::clean_line(text, 1, LONGEST_NAME)
}

/// Returns the validity after an end; `on` is the last day in force. A future end may be changed.
pub(crate) fn end(validity: Validity, on: NaiveDate, today: NaiveDate) -> Result<Validity, ServiceError> {
    let on = day(on).map_err(|rule| ServiceError::invalid("on", rule))?;
    if validity.ended_before(today) {
        return Err(ErrorCode::AlreadyEnded.into());
    }
    if on < validity.from {
        return Err(ServiceError::invalid("on", FieldRule::MustBeAfter("valid_from".to_owned())));
    }
    Ok(Validity { to: Some(on), ..validity })
}

/// Returns the entry with a code on a day; distinguishes an unknown code from one that is not in force.
pub(crate) fn in_force<T>(found: Option<&T>, is_known: bool, day: NaiveDate) -> Result<&T, FieldRule> {
    found.ok_or(if is_known { FieldRule::NotInForce(day) } else { FieldRule::UnknownCode })
}

/// Refuses a code that another entry has on an overlapping day.
pub(super) fn code_is_free<T: DirectoryEntry>(entries: &[T], code: &str, validity: Validity) -> Result<(), FieldRule> {
    let is_taken = entries.iter().any(|entry| entry.code() == code && entry.validity().overlaps(&validity));
    if is_taken { Err(FieldRule::Taken) } else { Ok(()) }
}

/// Deserializes a field that may be missing or `null`: the outer option says whether it was sent.
pub(crate) fn sent<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
