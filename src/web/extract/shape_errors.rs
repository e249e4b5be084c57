//! Everything that is wrong with the shape of a body, not only what is met first.
//!
//! Serde stops at the first mistake. So the body is read as plain JSON, the mistake is noted and mended with a value that the field
//! takes (nothing, an empty text, the first word of a set, …), and it is read again, until it fits: missing, unknown and wrongly typed
//! fields all get their answer, whatever type the body has. Only bodies that do not fit come this way. What the description of the
//! body calls required and serde does not, because the service words the refusal, is asked for here, too.

use super::serde_errors;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use std::collections::HashMap;
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// More problems than this are not told: nobody mends more at once, and a hostile body must not cost more.
const MOST_PROBLEMS: usize = 64;
/// How many bytes are read at most, all readings together.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Texts of which one is taken by every kind of field that is written as a text.
const TEXTS: [&str; 7] =
    ["", "2000-01-01", "2000-01-01T00:00:00+07:00", "07:30:00", "00000000-0000-4000-8000-000000000000", "0", "a"];

/// One step into a body.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum PathStep {
    Name(String),
    Place(usize),
}

/// Everything that is wrong with the shape of a body, which is `length` bytes long; `first` is what the first reading said when the
/// plain JSON cannot tell it any more.
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
        // A name of the client may hold any sign, a dot too.
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
    /// How often each place was mended.
    tried: HashMap<Vec<PathStep>, usize>,
}

impl ShapeErrors {
    /// Notes a problem and mends its place; false when it cannot be mended.
    fn mend(&mut self, mut steps: Vec<PathStep>, named: &str, problem: &FieldProblem) -> bool {
        // What is wrong inside of a value that stands there for another one is not the client's.
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
                    // Nothing that was tried is taken here, so that what comes behind stays unknown.
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

    /// Takes the whole field out in which nothing that was tried fits, so that the others are looked at all the same.
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

/// What to try in the place of a value that broke the rule: first nothing, which every field takes that may be left out.
fn candidate(rule: &FieldRule, tries: usize) -> Option<Value> {
    match (tries, rule) {
        (0, _) => Some(Value::Null),
        (1.., FieldRule::OneOf(words)) => words.first().map(|word| Value::from(word.as_str())).filter(|_| tries < 8),
        (1..8, FieldRule::WrongType("integer")) => Some(Value::from(1)),
        (1..8, FieldRule::WrongType("number")) => Some(Value::from(1.0)),
        (1..8, FieldRule::WrongType("boolean")) => Some(Value::from(false)),
        (1..8, FieldRule::WrongType("object")) => Some(Value::Object(serde_json::Map::new())),
        (1..8, FieldRule::WrongType("array")) => Some(Value::Array(Vec::new())),
        // A text, of one kind after the other.
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

/// The fields that the description of a body calls required.
fn required(schema: &RefOr<Schema>) -> Vec<String> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.required.clone(),
        RefOr::T(Schema::AllOf(all)) => all.items.iter().flat_map(required).collect(),
        _ => Vec::new(),
    }
}
