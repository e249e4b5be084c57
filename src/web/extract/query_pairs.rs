//! Deserialises query strings with the name of the faulty parameter and the reason; the usual serde format does
//! not report the name.

use super::serde_errors;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::web::Problem;
use crate::web::problem::HttpErrorCode;
use actix_web::web;
use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

/// The names and values of a query string, in order.
pub(in crate::web) type QueryPairs = Vec<(String, String)>;

/// Splits a query string; every repeated name is reported.
pub(crate) fn split(query: &str) -> Result<QueryPairs, Problem> {
    let pairs =
        web::Query::<QueryPairs>::from_query(query).map_err(|_| Problem::fault(HttpErrorCode::MalformedQuery))?.into_inner();
    let mut twice: Vec<&str> = Vec::new();
    for (at, (name, _)) in pairs.iter().enumerate() {
        if pairs.iter().take(at).any(|(before, _)| before == name) && !twice.contains(&name.as_str()) {
            twice.push(name);
        }
    }
    if twice.is_empty() {
        return Ok(pairs);
    }
    Err(twice.into_iter().map(|name| FieldProblem::new(name, FieldRule::Duplicate)).collect::<Vec<_>>().into())
}

/// Deserialises the pairs as the fields of `T`; unknown names are errors.
pub(super) fn read<T: DeserializeOwned>(pairs: QueryPairs) -> Result<T, Problem> {
    Ok(gathered(pairs)?)
}

/// Deserialises the pairs and collects all errors: a faulty pair is removed, and the rest is read again.
pub(super) fn gathered<T: DeserializeOwned>(mut pairs: QueryPairs) -> Result<T, Vec<FieldProblem>> {
    let mut found: Vec<FieldProblem> = Vec::new();
    loop {
        let map = MapDeserializer::<_, Error>::new(pairs.iter().map(|(name, value)| (name.as_str(), QueryValue(value.clone()))));
        let problem = match serde_path_to_error::deserialize(map) {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) => return Err(found),
            Err(error) => {
                let path = error.path().to_string();
                serde_errors::problem(&path, &error.into_inner().to_string())
            }
        };
        let before = pairs.len();
        // The path may continue into a list.
        let is_meant =
            |name: &str| problem.field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        pairs.retain(|(name, _)| !is_meant(name));
        let was_left_out = problem.rule == FieldRule::Required && found.iter().any(|other| other.field == problem.field);
        if !was_left_out {
            found.push(problem);
        }
        if pairs.len() == before {
            return Err(found);
        }
    }
}

/// A value: a text unless the field requests another type.
struct QueryValue(String);

impl IntoDeserializer<'_> for QueryValue {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $wanted:literal,)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Error::invalid_type(Unexpected::Str(&self.0), &$wanted)),
            }
        })+
    };
}

impl<'de> Deserializer<'de> for QueryValue {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    parsed! {
        deserialize_bool visit_bool "boolean",
        deserialize_i8 visit_i8 "integer",
        deserialize_i16 visit_i16 "integer",
        deserialize_i32 visit_i32 "integer",
        deserialize_i64 visit_i64 "integer",
        deserialize_u8 visit_u8 "integer",
        deserialize_u16 visit_u16 "integer",
        deserialize_u32 visit_u32 "integer",
        deserialize_u64 visit_u64 "integer",
        deserialize_f32 visit_f32 "number",
        deserialize_f64 visit_f64 "number",
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    /// Called for the value of an unknown field.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("unknown field"))
    }

    /// A comma-separated list.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let words: Vec<Self> = self.0.split(',').map(|word| Self(word.trim().to_owned())).collect();
        visitor.visit_seq(serde::de::value::SeqDeserializer::new(words.into_iter()))
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Lang;
    use crate::kernel::account::ContactKind;
    use chrono::NaiveDate;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct TestFilter {
        year: Option<i32>,
        overdue: Option<bool>,
        day: Option<NaiveDate>,
        kind: Option<ContactKind>,
        words: Option<Vec<String>>,
        q: Option<String>,
    }

    fn said(query: &str) -> String {
        let problem = split(query).and_then(read::<TestFilter>).unwrap_err().body(Lang::En, "");
        problem.errors.iter().map(|error| format!("{}={}", error.field, error.code)).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn values_take_the_type_of_their_field() {
        let query = "year=2026&overdue=true&day=2026-01-02&kind=email&words=a,b&q=%C4%91%C6%B0%E1%BB%9Dng+1";
        let filter: TestFilter = split(query).and_then(read).unwrap();
        assert_eq!((filter.year, filter.overdue, filter.kind), (Some(2026), Some(true), Some(ContactKind::Email)));
        assert_eq!(filter.day, NaiveDate::from_ymd_opt(2026, 1, 2));
        assert_eq!((filter.words, filter.q), (Some(vec!["a".into(), "b".into()]), Some("đường 1".into())));
    }

    #[test]
    fn the_wrong_parameter_is_named() {
        assert_eq!(said("year=x"), "year=wrong_type");
        assert_eq!(said("overdue=1"), "overdue=wrong_type");
        assert_eq!(said("day=2026-02-30"), "day=unreadable");
        assert_eq!(said("kind=fax"), "kind=not_one_of");
        assert_eq!(said("yaer=2026"), "yaer=unknown_field");
        assert_eq!(said("year=2026&year=2027"), "year=duplicate");
        assert_eq!(
            said("yaer=1&kind=fax&q=x&year=y&l%2Ex=1"),
            "yaer=unknown_field,kind=not_one_of,year=wrong_type,l.x=unknown_field"
        );
        assert_eq!(said("year=1&q=a&year=2&q=b&year=3"), "year=duplicate,q=duplicate");
    }

    #[test]
    fn strange_queries_are_no_panic() {
        for query in ["&&&", "=", "%", "%ff=%fe", "a=%00", "year"] {
            let _ = split(query).and_then(read::<TestFilter>);
        }
    }
}
