//! Counts everything again from the timelines alone and holds the result against what is stored.
//!
//! Called by `pakn verify` and by a nightly job; [`rebuild`] puts the recount in the place of the stored rows. What is found
//! wrong is told in sentences that name the petition or the row.

use super::apply::key_of;
use super::plan::{LONG_AGO, month_of};
use super::question::Filter;
use super::walk::{Look, Timelines, walk};
use crate::app::App;
use crate::domain::Instant;
use crate::domain::ids::AgencyId;
use crate::domain::statistics::{Counters, Dimension, Facts, Replay, deltas};
use crate::services::error::ServiceError;
use crate::storage::statistics::{Cohort, RowKey, Standing, Subject, replace_all, rows_received};
use crate::storage::{DbConnection, StorageError};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

type Rows = BTreeMap<RowKey, Counters>;

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy(
    /// A sentence that says what and where.
    pub String,
);

impl std::fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything in the figures that does not agree with the timelines; empty when all is well.
///
/// # Errors
/// Only those of the database.
pub fn recount(connection: &mut DbConnection) -> Result<Vec<Discrepancy>, StorageError> {
    recount_received(connection, LONG_AGO..=far_future())
}

/// The same for what was received within some whole months: no row knows of petitions of two months, so that months can be
/// recounted one after another where all of them at once would not fit into memory.
///
/// # Errors
/// Only those of the database.
pub fn recount_received(
    connection: &mut DbConnection,
    received_on: RangeInclusive<NaiveDate>,
) -> Result<Vec<Discrepancy>, StorageError> {
    let mut found = Vec::new();
    let stored = rows_received(connection, received_on.clone())?;
    let counted = count_from_timelines(connection, received_on, &mut found)?;
    compare(&counted, &stored, &mut found);
    check_carry_over(&stored, &mut found);
    Ok(found)
}

/// Replaces the rolled-up rows by a recount, in one transaction.
///
/// # Errors
/// Only those of the database.
pub async fn rebuild(app: &App) -> Result<(), ServiceError> {
    let work = |connection: &mut DbConnection| {
        let counted = count_from_timelines(connection, LONG_AGO..=far_future(), &mut Vec::new())?;
        replace_all(connection, counted)
    };
    app.db.write(work).await.map_err(|error: StorageError| error.into())
}

fn count_from_timelines(
    connection: &mut DbConnection,
    received_on: RangeInclusive<NaiveDate>,
    found: &mut Vec<Discrepancy>,
) -> Result<Rows, StorageError> {
    let Filter { categories, channel, petitioner_kind, urgency, .. } = Filter::default();
    let (from, to) = received_on.into_inner();
    let everybody = Cohort { from, to, standing: Standing::Any, categories, channel, petitioner_kind, urgency };
    let mut rows = Rows::new();
    walk(connection, &everybody, Timelines::All, |look| match look {
        Look::Present(subject) => found.push(Discrepancy(format!("petition {} has no timeline", subject.code))),
        Look::Past(subject, entries) => {
            let mut last = None;
            let mut settled_at = None;
            for step in Replay::new(subject.origin(), entries) {
                for (agency_id, change) in deltas(step.before.as_ref(), &step.after) {
                    add(&mut rows, agency_id, &step.after, step.at, change);
                }
                let is_settled = step.after.first_answered_at.is_some() || !step.after.status.is_valid();
                settled_at = settled_at.or_else(|| is_settled.then_some(step.at));
                last = Some(step.after);
            }
            found.extend(last.and_then(|facts| disagreement(subject, &facts, settled_at)));
        }
    })?;
    Ok(rows)
}

fn add(rows: &mut Rows, agency_id: AgencyId, facts: &Facts, at: Instant, change: Counters) {
    let key = key_of(agency_id, facts, at);
    for dimension in Dimension::ALL {
        let key = RowKey {
            dimension: *dimension,
            value: dimension.value_of(facts),
            event_on: key.event_on,
            received_in: key.received_in,
            agency_id,
        };
        *rows.entry(key).or_default() += change;
    }
}

fn far_future() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

/// Where the row of a petition says something else than its timeline.
fn disagreement(subject: &Subject, told: &Facts, settled_at: Option<Instant>) -> Option<Discrepancy> {
    let own = &subject.facts;
    let differing: Vec<&str> = [
        ("agency_id", own.agency_id != told.agency_id),
        ("status", own.status != told.status),
        ("due_at", own.due_at != told.due_at),
        ("first_answered_at", own.first_answered_at != told.first_answered_at),
        ("timeliness", own.timeliness != told.timeliness),
        ("score", own.score != told.score),
        ("answer_count", own.answer_count != told.answer_count),
        ("reopening_count", own.reopening_count != told.reopening_count),
        ("settled_at", subject.settled_at != settled_at),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect();
    let sentence = || format!("petition {}: {} differ from its timeline", subject.code, differing.join(", "));
    (!differing.is_empty()).then(|| Discrepancy(sentence()))
}

fn compare(counted: &Rows, stored: &Rows, found: &mut Vec<Discrepancy>) {
    let nothing = Counters::default();
    let keys: BTreeSet<&RowKey> = counted.keys().chain(stored.keys()).collect();
    for key in keys {
        let (expected, actual) = (counted.get(key).unwrap_or(&nothing), stored.get(key).unwrap_or(&nothing));
        if expected == actual {
            continue;
        }
        let pairs = Counters::NAMES.iter().zip(actual.values().zip(expected.values()));
        let wrong = pairs.filter(|(_, (actual, expected))| actual != expected);
        let told: Vec<String> =
            wrong.map(|(name, (actual, expected))| format!("{name} is {actual} and should be {expected}")).collect();
        let RowKey { dimension, value, event_on, received_in, agency_id } = key;
        let value = if value.is_empty() { String::new() } else { format!(" {value}") };
        found.push(Discrepancy(format!(
            "figures of agency {agency_id}, {dimension}{value}, {event_on}, received in {}: {}",
            received_in.format("%Y-%m"),
            told.join(", ")
        )));
    }
}

/// The carry-over identity of every agency and month: what was carried over, received, transferred in and reopened is what
/// was handled, transferred out, settled otherwise and left over.
fn check_carry_over(stored: &Rows, found: &mut Vec<Discrepancy>) {
    // By agency, month of the event and whether the petitions were received in that month or before.
    let mut months: BTreeMap<(AgencyId, NaiveDate, bool), Counters> = BTreeMap::new();
    for (key, counters) in stored.iter().filter(|(key, _)| key.dimension == Dimension::All) {
        let month = month_of(key.event_on);
        *months.entry((key.agency_id, month, key.received_in < month)).or_default() += *counters;
    }
    for ((agency, month, is_carried), sums) in months {
        let flows = sums.flow_in + sums.flow_reopened - sums.flow_answered - sums.flow_out - sums.flow_settled;
        let inside = sums.received + sums.reopenings - sums.answers;
        let gap = if is_carried { sums.open - flows } else { sums.open - inside };
        if gap != 0 {
            let whom = if is_carried { "carried over to" } else { "received in" };
            found.push(Discrepancy(format!(
                "carry-over identity of agency {agency}: of the petitions {whom} {}, {gap} more are open than the flows leave",
                month.format("%Y-%m")
            )));
        }
    }
}
