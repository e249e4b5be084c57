//! Compares a published report with its recomputation, figure by figure and petition by petition.
//!
//! Takes two summaries as JSON, or the petition lines of one month from both; returns the differences. Names are not
//! compared, because they depend on the reader's language; a missing row equals an all-zero row; a column that old
//! lines do not have yet is not a difference.

use super::lines::COLUMNS;
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// One figure that comes out otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FigureChange {
    /// Where it stands in the summary: `total`, `groups`, `comparison.total`, `comparison.groups`, `comparison.change`.
    pub part: String,
    /// The key of its row; null outside of rows.
    #[schema(required)]
    pub key: Option<String>,
    /// The measure.
    pub measure: String,
    /// As it was published; null when it was null or not there.
    #[schema(value_type = Option<Object>, required)]
    pub old: Value,
    /// As it comes out now.
    #[schema(value_type = Option<Object>, required)]
    pub new: Value,
}

/// What has become of a petition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It counts now and did not.
    Added,
    /// It counted and does not now.
    Gone,
    /// It counts as something else.
    Changed,
}

/// A petition that counts otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PetitionChange {
    /// Its code.
    pub code: String,
    /// The first day of its month of receipt.
    pub received_in: NaiveDate,
    /// What has become of it.
    pub change: Change,
    /// In what; all there is to know of one that was added or is gone.
    pub fields: Vec<FieldChange>,
}

/// One fact of a petition that is another now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    /// Which.
    pub field: &'static str,
    /// As it was published; null for nothing.
    #[schema(required)]
    pub old: Option<String>,
    /// As it is now.
    #[schema(required)]
    pub new: Option<String>,
}

/// The key of a figure: section, row and measure.
type FigureKey = (String, Option<String>, String);

/// Returns every figure that differs between the summaries.
pub(super) fn figures(old: &Value, new: &Value) -> Vec<FigureChange> {
    let (old, new) = (places(old), places(new));
    let all: BTreeSet<&FigureKey> = old.keys().chain(new.keys()).collect();
    let change = |place: &FigureKey| {
        let is_same = match (old.get(place), new.get(place)) {
            (Some(old), Some(new)) => old == new,
            (one, other) => one.or(other).is_none_or(is_nothing),
        };
        let value = |of: &BTreeMap<FigureKey, Value>| of.get(place).cloned().unwrap_or(Value::Null);
        let (part, key, measure) = place.clone();
        (!is_same).then(|| FigureChange { part, key, measure, old: value(&old), new: value(&new) })
    };
    all.into_iter().filter_map(change).collect()
}

/// Whether a value equals that of a missing (all-zero) row.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(counts) => counts.values().all(is_nothing),
        value => value.as_i64() == Some(0),
    }
}

fn places(summary: &Value) -> BTreeMap<FigureKey, Value> {
    let mut places = BTreeMap::new();
    for prefix in ["", "comparison."] {
        let root = if prefix.is_empty() { Some(summary) } else { summary.get("comparison") };
        for part in ["total", "change"] {
            if let Some(Value::Object(measures)) = root.and_then(|root| root.get(part)) {
                put(&mut places, &format!("{prefix}{part}"), None, measures);
            }
        }
        let rows = root.and_then(|root| root.get("groups")).and_then(Value::as_array);
        for row in rows.into_iter().flatten().filter_map(Value::as_object) {
            let key = row.get("key").and_then(Value::as_str).unwrap_or_default();
            put(&mut places, &format!("{prefix}groups"), Some(key), row);
        }
    }
    places
}

fn put(places: &mut BTreeMap<FigureKey, Value>, part: &str, key: Option<&str>, measures: &Map<String, Value>) {
    // The `change` of a row is skipped, because it is derived from its current and earlier figures, which are
    // compared.
    let is_measure = |name: &&String| !["key", "name", "change"].contains(&name.as_str());
    for name in measures.keys().filter(is_measure) {
        let value = measures.get(name).cloned().unwrap_or(Value::Null);
        places.insert((part.to_owned(), key.map(str::to_owned), name.clone()), value);
    }
}

/// Returns every petition of one month whose lines differ, by code.
pub(super) fn petitions(received_in: NaiveDate, old: &str, new: &str) -> Vec<PetitionChange> {
    if old == new {
        return Vec::new();
    }
    let (old, new) = (by_code(old), by_code(new));
    let all: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let one = |code: &str| {
        let (change, fields) = match (old.get(code), new.get(code)) {
            (Some(old), Some(new)) => (Change::Changed, differing(old, new)),
            (Some(old), None) => (Change::Gone, told(old).map(|(field, old)| FieldChange { field, old, new: None }).collect()),
            (None, Some(new)) => (Change::Added, told(new).map(|(field, new)| FieldChange { field, old: None, new }).collect()),
            (None, None) => return None,
        };
        (!fields.is_empty()).then(|| PetitionChange { code: code.to_owned(), received_in, change, fields })
    };
    all.into_iter().filter_map(one).collect()
}

fn by_code(lines: &str) -> BTreeMap<&str, &str> {
    lines.lines().map(|line| (line.split('\t').next().unwrap_or_default(), line)).collect()
}

/// The non-empty columns of a line, without the code.
fn told(line: &str) -> impl Iterator<Item = (&'static str, Option<String>)> {
    let value = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    COLUMNS
        .into_iter()
        .zip(line.split('\t'))
        .skip(1)
        .map(move |(field, text)| (field, value(text)))
        .filter(|(_, text)| text.is_some())
}

fn differing(old: &str, new: &str) -> Vec<FieldChange> {
    let value = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let columns = COLUMNS.into_iter().zip(old.split('\t').zip(new.split('\t')));
    let changes = columns.filter(|(_, (old, new))| old != new);
    changes.map(|(field, (old, new))| FieldChange { field, old: value(old), new: value(new) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_told_by_part_row_and_measure() {
        let old = json!({
            "total": {"received": 3, "ratings": {"1": 0, "2": 1}}, "groups": [{"key": "a", "name": "A", "received": 3}],
            "comparison": {"total": {"received": 1}, "groups": [{"key": "a", "name": "A", "received": 1, "change": {"received": 2}}],
                           "change": {"received": 2}},
        });
        assert_eq!(figures(&old, &old), []);
        let mut new = old.clone();
        new["groups"][0]["name"] = json!("B");
        assert_eq!(figures(&old, &new), [], "a name is no figure");
        new["total"]["ratings"]["2"] = json!(0);
        new["groups"]
            .as_array_mut()
            .unwrap()
            .push(json!({"key": "b", "name": "B", "received": 1, "handled": 0, "mean_rating": null, "ratings": {"1": 0}}));
        new["comparison"]["change"]["received"] = Value::Null;
        let told: Vec<_> = figures(&old, &new).into_iter().map(|c| (c.part, c.key, c.measure, c.old, c.new)).collect();
        let row = |part: &str, key: Option<&str>, measure: &str, old: Value, new: Value| {
            (part.to_owned(), key.map(str::to_owned), measure.to_owned(), old, new)
        };
        assert_eq!(
            told,
            [
                row("comparison.change", None, "received", json!(2), Value::Null),
                row("groups", Some("b"), "received", Value::Null, json!(1)),
                row("total", None, "ratings", json!({"1": 0, "2": 1}), json!({"1": 0, "2": 0})),
            ]
        );
    }

    #[test]
    fn petitions_are_told_by_code_and_column() {
        let month = NaiveDate::from_ymd_opt(2023, 3, 1).unwrap();
        let (old, new) = ("A\treceived\tx\nB\treceived\ty\n", "B\treceived\t\nC\tcarried\tz\tlater\n");
        let field = |field, old: Option<&str>, new: Option<&str>| FieldChange {
            field,
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        };
        let told: Vec<_> = petitions(month, old, new).into_iter().map(|one| (one.code, one.change, one.fields)).collect();
        let gone = vec![field("counts_as", Some("received"), None), field("agency", Some("x"), None)];
        assert_eq!(told[0], ("A".to_owned(), Change::Gone, gone));
        assert_eq!(told[1], ("B".to_owned(), Change::Changed, vec![field("agency", Some("y"), None)]));
        assert_eq!((&told[2].0, told[2].1, told[2].2.len()), (&"C".to_owned(), Change::Added, 3));
        assert_eq!(petitions(month, "A\treceived\n", "A\treceived\tx\n"), [], "a column that is new");
    }
}
