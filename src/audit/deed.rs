//! What was done: an action, the thing it was done to, and what is kept of before and after.

use serde::Serialize;
use serde_json::{Map, Value};

/// A deed on its way into the audit record; may be nothing, where a change turned out to change nothing.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a deed that is not written down was not done"]
pub struct Deed(Option<Told>);

#[derive(Debug, Clone, PartialEq)]
struct Told {
    action: String,
    subject_kind: &'static str,
    subject: String,
    detail: Map<String, Value>,
}

/// A deed as it is stored.
pub(super) struct Written {
    pub action: String,
    pub subject_kind: String,
    pub subject: String,
    pub detail: String,
}

impl Deed {
    /// Nothing was done after all.
    pub const fn nothing() -> Self {
        Self(None)
    }

    /// An action (a word of the contract, or verb and thing) on the thing of a kind with a number or a code.
    pub fn new(action: &str, subject_kind: &'static str, subject: impl ToString) -> Self {
        Self(Some(Told { action: action.to_owned(), subject_kind, subject: subject.to_string(), detail: Map::new() }))
    }

    /// Adds a fact.
    pub fn tell(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(told) = &mut self.0 {
            told.detail.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a fact as JSON writes it.
    pub fn show(self, name: &str, value: &impl Serialize) -> Self {
        self.tell(name, serde_json::to_value(value).unwrap_or_default())
    }

    /// Keeps the whole of what was made.
    pub fn made(self, after: &impl Serialize) -> Self {
        self.show("after", after)
    }

    /// Keeps the whole of what is there no more.
    pub fn removed(self, before: &impl Serialize) -> Self {
        self.show("before", before)
    }

    /// Keeps the fields that changed, before and after.
    pub fn changed(self, before: &impl Serialize, after: &impl Serialize) -> Self {
        let (before, after) = (fields(before), fields(after));
        let differing = |one: &Map<String, Value>, other: &Map<String, Value>| -> Map<String, Value> {
            let kept = one.iter().filter(|(name, value)| other.get(*name) != Some(value));
            kept.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        self.tell("before", differing(&before, &after)).tell("after", differing(&after, &before))
    }

    pub(super) fn written(&self) -> Option<Written> {
        let Told { action, subject_kind, subject, detail } = self.0.clone()?;
        let detail = Value::Object(detail).to_string();
        Some(Written { action, subject_kind: subject_kind.to_owned(), subject, detail })
    }
}

/// A record by its fields; what is no record stands as the field `value`.
fn fields(record: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(record) {
        Ok(Value::Object(fields)) => fields,
        Ok(value) => Map::from_iter([("value".to_owned(), value)]),
        Err(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_keeps_what_changed_only() {
        let before = json!({"name": "Phường Võ Cường", "ended": null, "version": 1});
        let after = json!({"name": "Phường Võ Cường", "ended": "2025-06-30", "version": 2});
        let written = Deed::new("end_area", "area", 7).changed(&before, &after).written().unwrap();
        let detail: Value = serde_json::from_str(&written.detail).unwrap();
        let kept = json!({"before": {"ended": null, "version": 1}, "after": {"ended": "2025-06-30", "version": 2}});
        assert_eq!((written.action.as_str(), written.subject.as_str(), detail), ("end_area", "7", kept));
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(Deed::nothing().tell("name", 1).written().is_none());
    }
}
