//! Adds the changes of events to the kept sums, behind the backs of those who wait for an answer.
//!
//! In come the changes that stand by themselves, out go sums by day, month and year of each dimension and the processing times
//! behind them. Rules: a change leaves the one place in the transaction in which it reaches the other, so that every question
//! finds it exactly once; a change of a day to come waits for that day. Called by the worker, and by whoever has written much.

use crate::app::App;
use crate::domain::Instant;
use crate::domain::statistics::{Counters, Dimension, Grain};
use crate::services::error::ServiceError;
use crate::storage::statistics::{ChangeRow, PackedTimes, SumKey, add_sums, add_times, changes, forget_days};
use crate::storage::{DbConnection, StorageError};
use chrono::{Duration, Months, NaiveDate};
use std::collections::BTreeMap;

/// How many changes one transaction adds; others wait for it on SQLite.
const BATCH: i64 = 1000;

/// For so long after midnight the changes of the new day are left alone: another instance may still live in the old one.
const MIDNIGHT: Duration = Duration::hours(1);

/// The first day of the previous month: from there on every dimension keeps single days; `all` keeps them for ever.
#[must_use]
pub fn days_kept_since(today: NaiveDate) -> NaiveDate {
    let month = Grain::Month.of_event(today);
    month.checked_sub_months(Months::new(1)).unwrap_or(month)
}

/// The day up to which changes may be added.
#[must_use]
pub fn last_day(now: Instant) -> NaiveDate {
    now.plus(-MIDNIGHT).local_date()
}

/// Adds everything that may be added, and forgets single days that are no longer kept; says how many changes there were.
///
/// # Errors
/// Only those of the database.
pub async fn fold(app: &App) -> Result<usize, ServiceError> {
    let (until, since) = (last_day(app.now()), days_kept_since(app.now().local_date()));
    let mut folded = 0;
    loop {
        let batch = app.db.write(move |connection| batch(connection, until, since)).await?;
        folded += batch;
        if batch < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            break;
        }
    }
    if folded > 0 {
        app.db.write(move |connection| forget_days(connection, since)).await?;
    }
    Ok(folded)
}

fn batch(connection: &mut DbConnection, until: NaiveDate, since: NaiveDate) -> Result<usize, StorageError> {
    let taken = changes::take(connection, until, BATCH)?;
    let mut folding = Folding::new(&Grain::ALL, since);
    taken.iter().for_each(|change| folding.add(change));
    folding.take().store(connection)?;
    Ok(taken.len())
}

/// Sums and times that are being added up, by the key under which they are kept.
#[derive(Debug)]
pub struct Folding {
    grains: &'static [Grain],
    days_since: NaiveDate,
    /// The sums.
    pub sums: BTreeMap<SumKey, Counters>,
    /// The times.
    pub times: BTreeMap<SumKey, PackedTimes>,
}

impl Folding {
    /// Nothing yet.
    #[must_use]
    pub const fn new(grains: &'static [Grain], days_since: NaiveDate) -> Self {
        Self { grains, days_since, sums: BTreeMap::new(), times: BTreeMap::new() }
    }

    /// Adds one change.
    pub fn add(&mut self, change: &ChangeRow) {
        for dimension in Dimension::ALL {
            for grain in self.grains {
                if *grain == Grain::Day && *dimension != Dimension::All && change.event_on < self.days_since {
                    continue;
                }
                let key = SumKey {
                    dimension: *dimension,
                    value: dimension.value_of(&change.traits),
                    grain: *grain,
                    event_on: grain.of_event(change.event_on),
                    received_in: grain.of_receipt(change.received_in),
                    agency_id: change.agency_id,
                };
                self.add_time(&key, &change.counters);
                *self.sums.entry(key).or_default() += change.counters;
            }
        }
    }

    fn add_time(&mut self, key: &SumKey, counters: &Counters) {
        if counters.handled == 0 {
            return;
        }
        let (added, taken) = self.times.entry(key.clone()).or_default();
        let packed = crate::domain::statistics::times::pack(counters.processing_ms.abs());
        if counters.handled > 0 { added.extend(packed) } else { taken.extend(packed) }
    }

    /// How many sums there are.
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// All of it, to be stored; it begins anew.
    pub fn take(&mut self) -> Folded {
        let (sums, times) = (std::mem::take(&mut self.sums), std::mem::take(&mut self.times));
        Folded { sums: sums.into_iter().collect(), times: times.into_iter().collect() }
    }
}

/// Sums and times that were added up, in the order of their keys.
#[derive(Debug)]
pub struct Folded {
    sums: Vec<(SumKey, Counters)>,
    times: Vec<(SumKey, PackedTimes)>,
}

impl Folded {
    /// Adds all of it to what is kept.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn store(&self, connection: &mut DbConnection) -> Result<(), StorageError> {
        add_sums(connection, &self.sums)?;
        add_times(connection, &self.times)
    }
}
