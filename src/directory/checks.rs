//! What has to hold for every entry of the directory that an administrator makes, changes or ends.

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

/// Refuses a change of something that somebody else has changed since it was read.
pub(crate) fn version(present: i32, expected: Option<i32>) -> Result<(), ErrorCode> {
    if expected.is_none_or(|expected| expected == present) { Ok(()) } else { Err(ErrorCode::StaleVersion) }
}

/// A day on which the directory may be asked for or changed: a typing error in the year is refused.
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

/// A name of one line.
pub(crate) fn name(text: &str) -> Result<String, FieldRule> {
    text::clean_line(text, 1, LONGEST_NAME)
}

/// The span after its end; `on` is the last day in force. An end that is still to come may be moved.
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

/// An entry by its code on a day; tells a wrong code from one that is not in force.
pub(crate) fn in_force<T>(found: Option<&T>, is_known: bool, day: NaiveDate) -> Result<&T, FieldRule> {
    found.ok_or(if is_known { FieldRule::NotInForce(day) } else { FieldRule::UnknownCode })
}

/// Refuses a code that another entry has on some of the same days.
pub(super) fn code_is_free<T: DirectoryEntry>(entries: &[T], code: &str, validity: Validity) -> Result<(), FieldRule> {
    let is_taken = entries.iter().any(|entry| entry.code() == code && entry.validity().overlaps(&validity));
    if is_taken { Err(FieldRule::Taken) } else { Ok(()) }
}

/// A field of a change that may be left out, or be `null`: the outer option says whether it was sent.
pub(crate) fn sent<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
