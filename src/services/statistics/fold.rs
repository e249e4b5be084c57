//! Adds the changes of events to the kept sums, behind the backs of those who wait for an answer.
//!
//! In come the changes that stand by themselves, out go sums by day, month and year of each dimension and the processing times
//! behind them. Rules: a change leaves the one place in the transaction in which it reaches the other, so that every question
//! finds it exactly once; a change of a day to come waits for that day. Called by the worker, and by whoever has written much.

use crate::app::App;
use crate::domain::Instant;
use crate::domain::ids::AgencyId;
use crate::domain::statistics::{Counters, Dimension, Grain, times};
use crate::services::error::ServiceError;
use crate::storage::statistics::{ChangeRow, PackedTimes, SumKey, add_sums, add_times, changes, forget_days};
use crate::storage::{DbConnection, StorageError};
use chrono::{Duration, Months, NaiveDate};
use std::collections::{BTreeMap, HashMap};

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
    let mut folding = Folding::new(since);
    taken.iter().for_each(|change| folding.add(change));
    folding.take().store(connection)?;
    Ok(taken.len())
}

/// Sums and times that are being added up. Years come from the months when all is taken.
#[derive(Debug)]
pub struct Folding {
    days_since: NaiveDate,
    held: HashMap<Slot, Held>,
}

/// The key of a sum without words, which are slow to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Slot {
    dimension: Dimension,
    value: i64,
    is_day: bool,
    event_on: NaiveDate,
    received_in: NaiveDate,
    agency_id: AgencyId,
}

#[derive(Debug, Default)]
struct Held {
    counters: Counters,
    times: PackedTimes,
}

impl Folding {
    /// Nothing yet; single days of any dimension but `all` only from that day on.
    #[must_use]
    pub fn new(days_since: NaiveDate) -> Self {
        Self { days_since, held: HashMap::new() }
    }

    /// Adds one change.
    pub fn add(&mut self, change: &ChangeRow) {
        let packed = times::pack(change.counters.processing_ms.abs());
        for dimension in Dimension::ALL {
            let has_days = *dimension == Dimension::All || change.event_on >= self.days_since;
            for is_day in [false, true].into_iter().take(if has_days { 2 } else { 1 }) {
                let slot = Slot {
                    dimension: *dimension,
                    value: dimension.number_of(&change.traits),
                    is_day,
                    event_on: if is_day { change.event_on } else { Grain::Month.of_event(change.event_on) },
                    received_in: Grain::Month.of_receipt(change.received_in),
                    agency_id: change.agency_id,
                };
                let held = self.held.entry(slot).or_default();
                held.counters += change.counters;
                match change.counters.handled {
                    0 => {}
                    handled if handled > 0 => held.times.0.extend(packed),
                    _ => held.times.1.extend(packed),
                }
            }
        }
    }

    /// How many sums there are, without the years.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// All of it, to be stored; it begins anew.
    pub fn take(&mut self) -> Folded {
        let (mut sums, mut times): (BTreeMap<SumKey, Counters>, BTreeMap<SumKey, PackedTimes>) = Default::default();
        for (slot, held) in std::mem::take(&mut self.held) {
            for grain in if slot.is_day { &[Grain::Day][..] } else { &[Grain::Month, Grain::Year][..] } {
                let key = slot.key(*grain);
                if held.times != PackedTimes::default() {
                    let (added, taken) = times.entry(key.clone()).or_default();
                    added.extend_from_slice(&held.times.0);
                    taken.extend_from_slice(&held.times.1);
                }
                *sums.entry(key).or_default() += held.counters;
            }
        }
        Folded { sums: sums.into_iter().collect(), times: times.into_iter().collect() }
    }
}

impl Slot {
    fn key(&self, grain: Grain) -> SumKey {
        SumKey {
            dimension: self.dimension,
            value: self.dimension.word_of(self.value),
            grain,
            event_on: grain.of_event(self.event_on),
            received_in: grain.of_receipt(self.received_in),
            agency_id: self.agency_id,
        }
    }
}

/// Sums and times that were added up, in the order of their keys.
#[derive(Debug)]
pub struct Folded {
    /// The sums.
    pub sums: Vec<(SumKey, Counters)>,
    /// The processing times behind them.
    pub times: Vec<(SumKey, PackedTimes)>,
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
