//! The audit record: who did what, chained and signed, and no change by hand that `verify` does not name.

mod anchors;
mod heads;
mod listing;
mod more_routes;
mod officers;
mod routes;
mod signing_in;
mod tampering;

use crate::town::Town;
use pakn::audit::rules::AuditEntry;
use pakn::audit::store as audit;
use serde_json::Value;
use std::collections::BTreeMap;

/// The record as it grows: each look takes what was entered since the one before.
#[derive(Default)]
struct Reader {
    seen: BTreeMap<String, i64>,
}

impl Reader {
    async fn fresh(&mut self, town: &Town) -> Vec<AuditEntry> {
        let all = town.app.app.db.read(|connection| audit::page(connection, None, 100_000)).await.unwrap();
        let seen = self.seen.clone();
        let fresh = all.into_iter().map(|(entry, _)| entry);
        let fresh: Vec<_> = fresh.filter(|entry| seen.get(&entry.stream).is_none_or(|last| *last < entry.sequence)).collect();
        for entry in &fresh {
            self.seen.insert(entry.stream.clone(), entry.sequence);
        }
        fresh
    }
}

fn detail(entry: &AuditEntry) -> Value {
    serde_json::from_str(&entry.detail).unwrap()
}
