//! An audit event: an action, its subject, and details such as the values before and after.

use serde::Serialize;
use serde_json::{Map, Value};

/// An event to be written to the audit record; empty when a change had no effect.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a deed that is not written down was not done"]
pub struct AuditEvent(Option<AuditEventBody>);

#[derive(Debug, Clone, PartialEq)]
struct AuditEventBody {
    action: String,
    subject_kind: &'static str,
    subject: String,
    detail: Map<String, Value>,
}

/// An event in stored form.
pub(super) struct StoredEvent {
    pub action: String,
    pub subject_kind: String,
    pub subject: String,
    pub detail: String,
}

impl AuditEvent {
    /// Returns an empty event, which writes nothing.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Creates an event: an action (a word of docs/contract.md §4.2, or verb and object) on a subject with an id
    /// or code.
    pub fn new(action: &str, subject_kind: &'static str, subject: impl ToString) -> Self {
        Self(Some(AuditEventBody { action: action.to_owned(), subject_kind, subject: subject.to_string(), detail: Map::new() }))
    }

    /// Adds a detail.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(told) = &mut self.0 {
            told.detail.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a detail serialised as JSON.
    pub fn with_json(self, name: &str, value: &impl Serialize) -> Self {
        self.with(name, serde_json::to_value(value).unwrap_or_default())
    }

    /// Records the complete new value.
    pub fn created(self, after: &impl Serialize) -> Self {
        self.with_json("after", after)
    }

    /// Records the complete deleted value.
    pub fn deleted(self, before: &impl Serialize) -> Self {
        self.with_json("before", before)
    }

    /// Records the changed fields, before and after.
    pub fn updated(self, before: &impl Serialize, after: &impl Serialize) -> Self {
        let (before, after) = (fields(before), fields(after));
        let differing = |one: &Map<String, Value>, other: &Map<String, Value>| -> Map<String, Value> {
            let kept = one.iter().filter(|(name, value)| other.get(*name) != Some(value));
            kept.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        self.with("before", differing(&before, &after)).with("after", differing(&after, &before))
    }

    pub(super) fn written(&self) -> Option<StoredEvent> {
        let AuditEventBody { action, subject_kind, subject, detail } = self.0.clone()?;
        let detail = Value::Object(detail).to_string();
        Some(StoredEvent { action, subject_kind: subject_kind.to_owned(), subject, detail })
    }
}

/// Returns the fields of a value; a value that is not an object becomes the field `value`.
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
        let written = AuditEvent::new("end_area", "area", 7).updated(&before, &after).written().unwrap();
        let detail: Value = serde_json::from_str(&written.detail).unwrap();
        let kept = json!({"before": {"ended": null, "version": 1}, "after": {"ended": "2025-06-30", "version": 2}});
        assert_eq!((written.action.as_str(), written.subject.as_str(), detail), ("end_area", "7", kept));
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(AuditEvent::none().with("name", 1).written().is_none());
    }
}
