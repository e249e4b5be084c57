//! Finds all shape errors of a JSON body, not only the first.
//!
//! Serde stops at the first error. So the body is parsed as plain JSON, the faulty value is recorded and replaced
//! by one that the field accepts (null, empty text, the first word of an enum, …), and deserialisation is repeated
//! until it succeeds: this reports missing, unknown and wrongly typed fields for any body type. Used only after a
//! normal deserialisation failed. Fields required by the OpenAPI schema but optional for serde, because the
//! service reports them, are checked here too.

use super::serde_errors;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use std::collections::HashMap;
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// Maximum number of reported problems; limits the cost of a hostile body.
const MOST_PROBLEMS: usize = 64;
/// Maximum number of bytes parsed, all attempts together.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Sample texts, one of which every text-based field type accepts.
const TEXTS: [&str; 7] =
    ["", "2000-01-01", "2000-01-01T00:00:00+07:00", "07:30:00", "00000000-0000-4000-8000-000000000000", "0", "a"];

/// One step of a path into a body.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum PathStep {
    Name(String),
    Place(usize),
}

/// Returns all shape errors of a body of `length` bytes; `first` is the error of the first attempt, for errors no
/// longer visible in the parsed JSON.
pub(super) fn problems<T: DeserializeOwned + PartialSchema>(
    sent: &Value,
    first: FieldProblem,
    length: usize,
) -> Vec<FieldProblem> {
    let mut gathering = ShapeErrors { value: sent.clone(), found: Vec::new(), tried: HashMap::new() };
    let readings = (MOST_BYTES / length.max(1)).clamp(1, MOST_PROBLEMS * (TEXTS.len() + 6));
    for _ in 0..readings {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(&gathering.value) else { break };
        let steps = steps(error.path());
        let path = error.path().to_string();
        let sentence = error.inner().to_string();
        let problem = serde_errors::problem(&path, &sentence);
        // Field names sent by the client may contain any character, including dots.
        let named = sentence.split('`').nth(1).unwrap_or_default();
        if !gathering.mend(steps, named, &problem) || gathering.found.len() >= MOST_PROBLEMS {
            break;
        }
    }
    let mut found = gathering.found;
    if found.is_empty() || first.rule == FieldRule::Duplicate {
        found.insert(0, first);
    }
    if let Value::Object(fields) = sent {
        for name in required(&T::schema()) {
            let is_told = found.iter().any(|problem| problem.field == name);
            if !is_told && !fields.contains_key(&name) {
                found.push(FieldProblem::new(name, FieldRule::Required));
            }
        }
    }
    found
}

struct ShapeErrors {
    value: Value,
    found: Vec<FieldProblem>,
    /// How often each place was replaced.
    tried: HashMap<Vec<PathStep>, usize>,
}

impl ShapeErrors {
    /// Records a problem and replaces the value; returns false when that is impossible.
    fn mend(&mut self, mut steps: Vec<PathStep>, named: &str, problem: &FieldProblem) -> bool {
        // Errors inside a replacement value are not the client's.
        let is_theirs = (1..steps.len() + usize::from(problem.rule == FieldRule::Required))
            .all(|length| steps.get(..length).is_none_or(|outer| !self.tried.contains_key(outer)));
        match problem.rule {
            FieldRule::Unknown => {
                if steps.last() == Some(&PathStep::Name(named.to_owned())) && self.at(&steps).is_some() {
                    steps.pop();
                }
                self.note(problem, is_theirs);
                let Some(Value::Object(fields)) = self.at(&steps) else { return false };
                fields.remove(named).is_some()
            }
            FieldRule::Required => {
                let mut place = steps.clone();
                place.push(PathStep::Name(named.to_owned()));
                if self.tried.contains_key(&place) {
                    // No replacement is accepted here, so later errors remain unknown.
                    return false;
                }
                self.tried.insert(place, 1);
                self.note(problem, is_theirs);
                let Some(Value::Object(fields)) = self.at(&steps) else { return false };
                fields.insert(named.to_owned(), Value::Null);
                true
            }
            _ if steps.is_empty() => {
                self.found.push(problem.clone());
                false
            }
            _ => {
                let tries = self.tried.get(&steps).copied().unwrap_or_default();
                let holds_ours = self.tried.keys().any(|place| place.len() > steps.len() && place.starts_with(&steps));
                self.note(problem, is_theirs && !holds_ours && tries == 0);
                self.tried.insert(steps.clone(), tries + 1);
                let Some(value) = candidate(&problem.rule, tries) else { return self.leave_out(&steps) };
                let Some(place) = self.at(&steps) else { return false };
                *place = value;
                true
            }
        }
    }

    /// Removes a top-level field for which no replacement fits, so that the others are still checked.
    fn leave_out(&mut self, steps: &[PathStep]) -> bool {
        let Some(PathStep::Name(name)) = steps.first() else { return false };
        self.tried.insert(vec![PathStep::Name(name.clone())], usize::MAX / 2);
        self.value.as_object_mut().is_some_and(|fields| fields.remove(name).is_some())
    }

    fn note(&mut self, problem: &FieldProblem, is_news: bool) {
        if is_news {
            self.found.push(problem.clone());
        }
    }

    fn at(&mut self, steps: &[PathStep]) -> Option<&mut Value> {
        steps.iter().try_fold(&mut self.value, |value, step| match step {
            PathStep::Name(name) => value.get_mut(name),
            PathStep::Place(place) => value.get_mut(place),
        })
    }
}

/// Returns the next replacement to try: first null, which every optional field accepts.
fn candidate(rule: &FieldRule, tries: usize) -> Option<Value> {
    match (tries, rule) {
        (0, _) => Some(Value::Null),
        (1.., FieldRule::OneOf(words)) => words.first().map(|word| Value::from(word.as_str())).filter(|_| tries < 8),
        (1..8, FieldRule::WrongType("integer")) => Some(Value::from(1)),
        (1..8, FieldRule::WrongType("number")) => Some(Value::from(1.0)),
        (1..8, FieldRule::WrongType("boolean")) => Some(Value::from(false)),
        (1..8, FieldRule::WrongType("object")) => Some(Value::Object(serde_json::Map::new())),
        (1..8, FieldRule::WrongType("array")) => Some(Value::Array(Vec::new())),
        // Sample texts, one after the other.
        _ => TEXTS.get(tries - 1).map(|text| Value::from(*text)),
    }
}

fn steps(path: &Path) -> Vec<PathStep> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(PathStep::Name(key.clone())),
            Segment::Seq { index } => Some(PathStep::Place(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// Returns the fields required by the schema of a body.
fn required(schema: &RefOr<Schema>) -> Vec<String> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.required.clone(),
        RefOr::T(Schema::AllOf(all)) => all.items.iter().flat_map(required).collect(),
        _ => Vec::new(),
    }
}
