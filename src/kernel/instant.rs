//! A point in time with the same value in both databases and in JSON.
//!
//! Stored as UTC and truncated to microseconds: SQLite would keep nanoseconds and PostgreSQL would not, which
//! would break equality. Shown in Vietnamese time, which has been UTC+07:00 without daylight saving since 1975.

use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const VIETNAM_OFFSET_SECONDS: i32 = 7 * 3600;

/// A point in time with microsecond precision, serialised as RFC 3339 in +07:00.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Timestamp)]
pub struct Instant(NaiveDateTime);

impl Instant {
    /// Converts a UTC time, truncating it to microseconds.
    #[must_use]
    pub fn from_utc(time: DateTime<Utc>) -> Self {
        Self(time.naive_utc().trunc_subsecs(6))
    }

    /// Converts a database value: UTC without a zone.
    #[must_use]
    pub fn from_stored(time: NaiveDateTime) -> Self {
        Self(time.trunc_subsecs(6))
    }

    /// Returns the database value: UTC without a zone.
    #[must_use]
    pub const fn stored(&self) -> &NaiveDateTime {
        &self.0
    }

    /// Converts Vietnamese wall-clock time.
    #[must_use]
    pub fn from_local(time: NaiveDateTime) -> Self {
        Self((time - Duration::seconds(i64::from(VIETNAM_OFFSET_SECONDS))).trunc_subsecs(6))
    }

    /// Returns midnight at the start of a day in Việt Nam.
    #[must_use]
    pub fn start_of(day: NaiveDate) -> Self {
        Self::from_local(day.and_time(chrono::NaiveTime::MIN))
    }

    /// Returns the last microsecond of a day in Việt Nam.
    #[must_use]
    pub fn end_of(day: NaiveDate) -> Self {
        Self::start_of(day).plus(Duration::days(1) - Duration::microseconds(1))
    }

    /// Returns the time in UTC.
    #[must_use]
    pub const fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// Returns the wall-clock time in Việt Nam.
    #[must_use]
    pub fn local(self) -> NaiveDateTime {
        self.0 + Duration::seconds(i64::from(VIETNAM_OFFSET_SECONDS))
    }

    /// Returns the calendar day in Việt Nam.
    #[must_use]
    pub fn local_date(self) -> NaiveDate {
        self.local().date()
    }

    /// Adds a duration, which may be negative; saturates at the limits of the calendar.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.checked_add_signed(duration).unwrap_or(if duration < Duration::zero() {
            NaiveDateTime::MIN
        } else {
            NaiveDateTime::MAX
        }))
    }

    /// Returns whole milliseconds since `earlier`; negative when `earlier` is later.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).num_milliseconds()
    }

    /// Formats as RFC 3339 in +07:00, with as many fractional digits as needed.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let text = |zone: FixedOffset| self.utc().with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false);
        FixedOffset::east_opt(VIETNAM_OFFSET_SECONDS).map_or_else(|| self.utc().to_rfc3339(), text)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = DateTime::<FixedOffset>::deserialize(deserializer)?.to_utc();
        // Years without exactly four digits would not sort as text in SQLite, and sums overflow near the limits of
        // `chrono`.
        if (1..=9998).contains(&time.year()) {
            Ok(Self::from_utc(time))
        } else {
            Err(serde::de::Error::custom("a year outside 0001–9998"))
        }
    }
}

impl utoipa::PartialSchema for Instant {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into()
    }
}

impl utoipa::ToSchema for Instant {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_begins_at_17_00_utc_of_the_day_before() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let new_year = Instant::start_of(day);
        assert_eq!(new_year.to_rfc3339(), "2026-01-01T00:00:00+07:00");
        assert_eq!(new_year.utc().to_rfc3339(), "2025-12-31T17:00:00+00:00");
        assert_eq!(new_year.local_date(), day);
        assert_eq!(new_year.plus(Duration::microseconds(-1)).local_date(), day.pred_opt().unwrap());
    }

    #[test]
    fn years_without_four_digits_are_refused() {
        for wrong in ["+262142-12-31T23:59:59Z", "-0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
            assert!(serde_json::from_str::<Instant>(&format!("\"{wrong}\"")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nanoseconds_are_cut() {
        let time: Instant = serde_json::from_str("\"2026-03-01T08:00:00.123456789+07:00\"").unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"2026-03-01T08:00:00.123456+07:00\"");
    }
}
