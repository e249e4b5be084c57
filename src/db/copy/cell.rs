//! A value on its way between databases, and the type of its column.
//!
//! Takes what either driver returns, returns a [`CopyValue`] that both can bind. Rule: nothing is rounded,
//! truncated or guessed; a value that the other database cannot store is an error that names its place but not the
//! value.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::Pg;
use diesel::row::{Field, NamedRow, Row};
use diesel::sql_types::{BigInt, Binary, Bool, Date, Double, Integer, SmallInt, Text, Time, Timestamp};
use diesel::sqlite::{Sqlite, SqliteType};
use sha2::{Digest, Sha256};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Whatever SQLite stores, when copying between two SQLite files.
    Stored,
    BigInt,
    Integer,
    Bool,
    Double,
    Text,
    Bytes,
    /// UTC.
    Timestamp,
    Date,
    Time,
}

impl ColumnKind {
    /// Returns the type for a PostgreSQL type name; `None` for types that no migration uses.
    pub fn of_postgres(name: &str) -> Option<Self> {
        Some(match name {
            "bigint" => Self::BigInt,
            "integer" => Self::Integer,
            "boolean" => Self::Bool,
            "double precision" => Self::Double,
            "text" => Self::Text,
            "bytea" => Self::Bytes,
            "timestamp without time zone" => Self::Timestamp,
            "date" => Self::Date,
            "time without time zone" => Self::Time,
            _ => return None,
        })
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum CopyValue {
    Null,
    Integer(i64),
    Bool(bool),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// UTC.
    Timestamp(NaiveDateTime),
    Date(NaiveDate),
    Time(NaiveTime),
}

/// A row as returned by the driver.
pub struct RawRow(pub Vec<CopyValue>);

impl QueryableByName<Sqlite> for RawRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let mut cells = Vec::with_capacity(row.field_count());
        for at in 0..row.field_count() {
            let field = Row::get(row, at).ok_or("a field is missing")?;
            let Some(value) = field.value() else {
                cells.push(CopyValue::Null);
                continue;
            };
            cells.push(match value.value_type() {
                None => CopyValue::Null,
                Some(SqliteType::Text) => CopyValue::Text(<String as FromSql<Text, Sqlite>>::from_sql(value)?),
                Some(SqliteType::Binary) => CopyValue::Bytes(<Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?),
                Some(SqliteType::Float | SqliteType::Double) => {
                    CopyValue::Real(<f64 as FromSql<Double, Sqlite>>::from_sql(value)?)
                }
                Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => {
                    CopyValue::Integer(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?)
                }
            });
        }
        Ok(Self(cells))
    }
}

impl QueryableByName<Pg> for RawRow {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let mut cells = Vec::with_capacity(row.field_count());
        for at in 0..row.field_count() {
            let field = Row::get(row, at).ok_or("a field is missing")?;
            let Some(value) = field.value() else {
                cells.push(CopyValue::Null);
                continue;
            };
            // PostgreSQL's built-in type OIDs are the same everywhere.
            cells.push(match value.get_oid().get() {
                20 => CopyValue::Integer(<i64 as FromSql<BigInt, Pg>>::from_sql(value)?),
                23 => CopyValue::Integer(<i32 as FromSql<Integer, Pg>>::from_sql(value)?.into()),
                21 => CopyValue::Integer(<i16 as FromSql<SmallInt, Pg>>::from_sql(value)?.into()),
                16 => CopyValue::Bool(<bool as FromSql<Bool, Pg>>::from_sql(value)?),
                701 => CopyValue::Real(<f64 as FromSql<Double, Pg>>::from_sql(value)?),
                25 => CopyValue::Text(<String as FromSql<Text, Pg>>::from_sql(value)?),
                17 => CopyValue::Bytes(<Vec<u8> as FromSql<Binary, Pg>>::from_sql(value)?),
                1114 => CopyValue::Timestamp(<NaiveDateTime as FromSql<Timestamp, Pg>>::from_sql(value)?),
                1082 => CopyValue::Date(<NaiveDate as FromSql<Date, Pg>>::from_sql(value)?),
                1083 => CopyValue::Time(<NaiveTime as FromSql<Time, Pg>>::from_sql(value)?),
                other => return Err(format!("the type {other} is not known to the copy").into()),
            });
        }
        Ok(Self(cells))
    }
}

impl CopyValue {
    /// Converts the value to a column type; the error says what is wrong with it.
    pub fn of_kind(self, kind: ColumnKind) -> Result<Self, &'static str> {
        Ok(match (kind, self) {
            (ColumnKind::Stored, cell) | (_, cell @ Self::Null) => cell,
            (ColumnKind::BigInt, cell @ Self::Integer(_))
            | (ColumnKind::Bool, cell @ Self::Bool(_))
            | (ColumnKind::Bytes, cell @ Self::Bytes(_))
            | (ColumnKind::Date, cell @ Self::Date(_))
            | (ColumnKind::Time, cell @ Self::Time(_))
            | (ColumnKind::Timestamp, cell @ Self::Timestamp(_)) => cell,
            (ColumnKind::Integer, Self::Integer(number)) => {
                i32::try_from(number).map_err(|_| "is a number of more than 32 bits")?;
                Self::Integer(number)
            }
            (ColumnKind::Bool, Self::Integer(number @ (0 | 1))) => Self::Bool(number == 1),
            (ColumnKind::Bool, Self::Integer(_)) => return Err("is neither true nor false"),
            (ColumnKind::Double, Self::Real(number)) if number.is_nan() => return Err("is no number"),
            // SQLite does not store negative zero.
            (ColumnKind::Double, Self::Real(number)) => Self::Real(if number == 0.0 { 0.0 } else { number }),
            (ColumnKind::Text, Self::Text(text)) if text.contains('\0') => {
                return Err("holds the character NUL, which PostgreSQL cannot store");
            }
            (ColumnKind::Text, cell @ Self::Text(_)) => cell,
            (ColumnKind::Timestamp, Self::Text(text)) => Self::Timestamp(timestamp(&text)?),
            (ColumnKind::Date, Self::Text(text)) => {
                Self::Date(NaiveDate::parse_from_str(&text, "%Y-%m-%d").map_err(|_| "is no day in the form of this program")?)
            }
            (ColumnKind::Time, Self::Text(text)) => Self::Time(time(&text)?),
            _ => return Err("is of another type than its column"),
        })
    }

    /// Returns the approximate size in bytes, which limits the size of a statement.
    pub fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => 8,
        }
    }

    /// Adds the value to the hash of its table.
    pub fn digest(&self, hash: &mut Sha256) {
        let mut put = |mark: u8, bytes: &[u8]| {
            hash.update([mark]);
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        };
        match self {
            Self::Null => put(0, &[]),
            Self::Integer(number) => put(1, &number.to_be_bytes()),
            Self::Bool(truth) => put(2, &[u8::from(*truth)]),
            Self::Real(number) => put(3, &number.to_bits().to_be_bytes()),
            Self::Text(text) => put(4, text.as_bytes()),
            Self::Bytes(bytes) => put(5, bytes),
            Self::Timestamp(at) => put(6, at.to_string().as_bytes()),
            Self::Date(day) => put(7, day.to_string().as_bytes()),
            Self::Time(time) => put(8, time.to_string().as_bytes()),
        }
    }
}

/// Parses a timestamp from SQLite; PostgreSQL stores microseconds.
fn timestamp(text: &str) -> Result<NaiveDateTime, &'static str> {
    const FORMS: &[&str] = &["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    let found = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    match found {
        None => Err("is no moment in the form of this program"),
        Some(at) if at.nanosecond() % 1000 != 0 => Err("is a moment finer than millionths of a second"),
        Some(at) => Ok(at),
    }
}

fn time(text: &str) -> Result<NaiveTime, &'static str> {
    const FORMS: &[&str] = &["%H:%M:%S%.f", "%H:%M"];
    let found = FORMS.iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
    match found {
        None => Err("is no time in the form of this program"),
        Some(at) if at.nanosecond() % 1000 != 0 => Err("is a time finer than millionths of a second"),
        Some(at) => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str, kind: ColumnKind) -> Result<CopyValue, &'static str> {
        CopyValue::Text(value.to_owned()).of_kind(kind)
    }

    #[test]
    fn what_the_other_database_cannot_hold_is_named() {
        assert!(text("a\0b", ColumnKind::Text).unwrap_err().contains("NUL"));
        assert_eq!(text("a\0b", ColumnKind::Stored), Ok(CopyValue::Text("a\0b".to_owned())));
        assert!(CopyValue::Integer(2).of_kind(ColumnKind::Bool).is_err());
        assert!(CopyValue::Integer(1 << 40).of_kind(ColumnKind::Integer).is_err());
        assert!(CopyValue::Real(f64::NAN).of_kind(ColumnKind::Double).is_err());
        assert!(text("hôm qua", ColumnKind::Timestamp).is_err());
        assert!(text("2023-03-06 02:00:00.123456789", ColumnKind::Timestamp).is_err());
        assert!(CopyValue::Integer(1).of_kind(ColumnKind::Text).is_err());
    }

    #[test]
    fn moments_come_out_as_they_went_in() {
        for written in ["2023-03-06 02:00:00", "2023-03-06 02:00:00.006", "1969-12-31 23:59:59.999999"] {
            let Ok(CopyValue::Timestamp(at)) = text(written, ColumnKind::Timestamp) else { panic!("{written}") };
            assert_eq!(at.format("%F %T%.f").to_string(), written);
        }
    }
}
