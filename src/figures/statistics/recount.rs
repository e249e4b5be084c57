//! Recounts everything from the timelines and compares the result with the stored figures.
//!
//! Called by `pakn verify` and by a nightly job; [`rebuild`] replaces the stored figures by the recount. Each
//! discrepancy is a sentence that names the petition or the row.

use super::apply::rows;
use super::plan::LONG_AGO;
use super::query::FigureFilter;
use super::roll_up::{RollupAccumulator, RollupBatch, daily_rollups_since, last_day};
use super::walk::{PetitionAtCutOff, TimelineScope, walk_pages};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::figures::rules::{Counters, Dimension, Grain, PetitionFacts, ProcessingTimes, Replay};
use crate::figures::store::{
    ChangeRow, Cohort, CohortMember, PackedTimes, RollupKey, SettlementStatus, changes, clear, is_uncounted, rollup_sums,
    rollup_times,
};
use crate::kernel::Instant;
use crate::kernel::ids::AgencyId;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// A discrepancy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy(
    /// A sentence that says what differs and where.
    pub String,
);

impl std::fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns all discrepancies between figures and timelines; empty if there are none.
pub fn recount(connection: &mut DbConnection) -> Result<Vec<Discrepancy>, StorageError> {
    let everything = LONG_AGO..=far_future();
    let mut found = recount_received(connection, everything.clone())?;
    found.extend(recount_years(connection, &everything)?);
    Ok(found)
}

/// Checks the days and months of petitions received in some whole months. No row mixes petitions of two months, so
/// months can be recounted one after another when all of them would not fit into memory.
pub fn recount_received(
    connection: &mut DbConnection,
    received_on: RangeInclusive<NaiveDate>,
) -> Result<Vec<Discrepancy>, StorageError> {
    let mut found = Vec::new();
    let mut expected = RollupAccumulator::new(LONG_AGO);
    each_change(connection, received_on.clone(), &mut found, &mut |_, change| {
        expected.add(&change);
        Ok(())
    })?;
    let mut actual = RollupAccumulator::new(LONG_AGO);
    for change in changes::received(connection, &received_on)? {
        actual.add(&change);
    }
    let (expected, actual) = (StoredRollups::of(expected.take()), StoredRollups::of(actual.take()));
    for dimension in Dimension::ALL {
        for grain in [Grain::Day, Grain::Month] {
            let sums = rollup_sums(connection, *dimension, grain, &received_on)?;
            let times = rollup_times(connection, *dimension, grain, &received_on)?;
            let is_meant = |key: &&RollupKey| key.dimension == *dimension && key.grain == grain;
            let keys: BTreeSet<&RollupKey> =
                expected.sums.keys().chain(actual.sums.keys()).filter(is_meant).chain(sums.keys()).collect();
            for key in keys {
                // Single days of other dimensions are deleted after two months, so only existing rows are checked.
                if grain == Grain::Day && *dimension != Dimension::All && !sums.contains_key(key) {
                    continue;
                }
                let mut held = sums.get(key).copied().unwrap_or_default();
                held += actual.sums.get(key).copied().unwrap_or_default();
                let mut held_times = times.get(key).cloned().unwrap_or_default();
                held_times += &times_of(actual.times.get(key));
                let counted = expected.sums.get(key).copied().unwrap_or_default();
                compare(key, (counted, &times_of(expected.times.get(key))), (held, &held_times), &mut found);
            }
        }
    }
    let months = rollup_sums(connection, Dimension::All, Grain::Month, &received_on)?;
    check_carry_over(months.iter().chain(actual.sums.iter()), &mut found);
    Ok(found)
}

/// Checks the years of receipt against their months.
pub fn recount_years(
    connection: &mut DbConnection,
    received_on: &RangeInclusive<NaiveDate>,
) -> Result<Vec<Discrepancy>, StorageError> {
    let mut found = Vec::new();
    for dimension in Dimension::ALL {
        let year_of = |key: &RollupKey| RollupKey {
            grain: Grain::Year,
            event_on: Grain::Year.of_event(key.event_on),
            received_in: Grain::Year.of_receipt(key.received_in),
            ..key.clone()
        };
        let mut expected: BTreeMap<RollupKey, (Counters, ProcessingTimes)> = BTreeMap::new();
        for (key, counters) in rollup_sums(connection, *dimension, Grain::Month, received_on)? {
            expected.entry(year_of(&key)).or_default().0 += counters;
        }
        for (key, times) in rollup_times(connection, *dimension, Grain::Month, received_on)? {
            expected.entry(year_of(&key)).or_default().1 += &times;
        }
        let mut sums = rollup_sums(connection, *dimension, Grain::Year, received_on)?;
        let mut times = rollup_times(connection, *dimension, Grain::Year, received_on)?;
        for (key, (counters, packed)) in expected {
            let held = (sums.remove(&key).unwrap_or_default(), &times.remove(&key).unwrap_or_default());
            compare(&key, (counters, &packed), held, &mut found);
        }
        for (key, counters) in sums {
            compare(
                &key,
                (Counters::default(), &ProcessingTimes::default()),
                (counters, &ProcessingTimes::default()),
                &mut found,
            );
        }
    }
    Ok(found)
}

/// Replaces all figures by a recount, in one transaction.
pub async fn rebuild(app: &App) -> Result<(), ServiceError> {
    let (until, since) = (last_day(app.now()), daily_rollups_since(app.now().local_date()));
    let work = move |connection: &mut DbConnection| {
        changes::clear(connection)?;
        clear(connection)?;
        let mut folding = RollupAccumulator::new(since);
        each_change(connection, LONG_AGO..=far_future(), &mut Vec::new(), &mut |connection, change| {
            if change.event_on > until {
                return changes::append(connection, &change);
            }
            folding.add(&change);
            if folding.is_full() { folding.take().store(connection) } else { Ok(()) }
        })?;
        folding.take().store(connection)
    };
    app.db.write(work).await.map_err(|error: StorageError| error.into())
}

/// Counts a database created before figures were stored this way.
pub async fn ensure_counted(app: &App) -> Result<(), ServiceError> {
    if app.db.read(is_uncounted).await? {
        tracing::info!("recounting statistics");
        rebuild(app).await?;
    }
    Ok(())
}

/// Visits all changes according to the timelines; records timelines that contradict their petitions.
fn each_change(
    connection: &mut DbConnection,
    received_on: RangeInclusive<NaiveDate>,
    found: &mut Vec<Discrepancy>,
    take: &mut dyn FnMut(&mut DbConnection, ChangeRow) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let FigureFilter { categories, channel, petitioner_kind, urgency, .. } = FigureFilter::default();
    let (from, to) = received_on.into_inner();
    let everybody = Cohort { from, to, standing: SettlementStatus::Any, categories, channel, petitioner_kind, urgency };
    walk_pages(connection, &everybody, TimelineScope::All, |connection, looks| {
        for look in looks {
            match look {
                PetitionAtCutOff::Present(subject) => {
                    found.push(Discrepancy(format!("petition {} has no timeline", subject.code)))
                }
                PetitionAtCutOff::Past(subject, entries) => {
                    let mut last = None;
                    let mut settled_at = None;
                    for step in Replay::new(subject.origin(), entries) {
                        for change in rows(step.before.as_ref(), &step.after, step.at) {
                            take(connection, change)?;
                        }
                        let is_settled = step.after.first_answered_at.is_some() || !step.after.status.is_valid();
                        settled_at = settled_at.or_else(|| is_settled.then_some(step.at));
                        last = Some(step.after);
                    }
                    found.extend(last.and_then(|facts| disagreement(subject, &facts, settled_at)));
                }
            }
        }
        Ok(())
    })
}

/// Sums and times by key.
struct StoredRollups {
    sums: BTreeMap<RollupKey, Counters>,
    times: BTreeMap<RollupKey, PackedTimes>,
}

impl StoredRollups {
    fn of(folded: RollupBatch) -> Self {
        Self { sums: folded.sums.into_iter().collect(), times: folded.times.into_iter().collect() }
    }
}

fn far_future() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

fn times_of(packed: Option<&PackedTimes>) -> ProcessingTimes {
    packed.map_or_else(ProcessingTimes::default, |(added, taken)| ProcessingTimes::of(added.clone(), taken.clone()))
}

/// Compares the row of a petition with its timeline.
fn disagreement(subject: &CohortMember, told: &PetitionFacts, settled_at: Option<Instant>) -> Option<Discrepancy> {
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

fn compare(
    key: &RollupKey,
    expected: (Counters, &ProcessingTimes),
    actual: (Counters, &ProcessingTimes),
    found: &mut Vec<Discrepancy>,
) {
    let pairs = Counters::NAMES.iter().zip(actual.0.values().zip(expected.0.values()));
    let wrong = pairs.filter(|(_, (actual, expected))| actual != expected);
    let mut told: Vec<String> =
        wrong.map(|(name, (actual, expected))| format!("{name} is {actual} and should be {expected}")).collect();
    if actual.1.sorted() != expected.1.sorted() {
        told.push("the processing times are not those of its petitions".to_owned());
    }
    if told.is_empty() {
        return;
    }
    let RollupKey { dimension, value, grain, event_on, received_in, agency_id } = key;
    let value = if value.is_empty() { String::new() } else { format!(" {value}") };
    let (event, receipt) = match grain {
        Grain::Day => ("%Y-%m-%d", "%Y-%m"),
        Grain::Month => ("%Y-%m", "%Y-%m"),
        Grain::Year => ("%Y", "%Y"),
    };
    found.push(Discrepancy(format!(
        "figures of agency {agency_id}, {dimension}{value}, {}, received in {}: {}",
        event_on.format(event),
        received_in.format(receipt),
        told.join(", ")
    )));
}

/// Checks the carry-over identity of every agency and month: carried over, received, transferred in and reopened equals
/// handled, transferred out, otherwise settled and left over.
fn check_carry_over<'a>(stored: impl Iterator<Item = (&'a RollupKey, &'a Counters)>, found: &mut Vec<Discrepancy>) {
    // By agency, month of the event, and whether the petitions were received in that month or before.
    let mut months: BTreeMap<(AgencyId, NaiveDate, bool), Counters> = BTreeMap::new();
    for (key, counters) in stored.filter(|(key, _)| key.dimension == Dimension::All && key.grain == Grain::Month) {
        *months.entry((key.agency_id, key.event_on, key.received_in < key.event_on)).or_default() += *counters;
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
