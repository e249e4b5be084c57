//! Adds the stored changes of events to the sums in the background, so that requests do not wait for it.
//!
//! Takes change rows; writes sums by day, month and year of each dimension and the processing times. A change row is
//! deleted in the same transaction that adds it to the sums, so every query sees it exactly once; a change dated in the
//! future waits for its day. Called by the worker, and after bulk writes.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::figures::rules::{Counters, Dimension, Grain, times};
use crate::figures::store::sums::insert_new;
use crate::figures::store::{ChangeRow, PackedTimes, RollupKey, add_sums, add_times, changes, forget_days};
use crate::kernel::Instant;
use crate::kernel::ids::AgencyId;
use chrono::{Datelike, Duration, Months, NaiveDate};
use std::collections::HashMap;

/// Changes per transaction; on SQLite other writers wait meanwhile.
const BATCH: i64 = 1000;

/// For this long after midnight the changes of the new day are left alone, because the clock of another instance may
/// still be on the previous day.
const MIDNIGHT: Duration = Duration::hours(1);

/// Returns the first day of the previous month: since then every dimension has single days; `all` keeps them forever.
#[must_use]
pub fn daily_rollups_since(today: NaiveDate) -> NaiveDate {
    let month = Grain::Month.of_event(today);
    month.checked_sub_months(Months::new(1)).unwrap_or(month)
}

/// Returns the day up to which changes may be added.
#[must_use]
pub fn last_day(now: Instant) -> NaiveDate {
    now.plus(-MIDNIGHT).local_date()
}

/// Maximum number of sums in memory before they are written.
const MOST_SUMS: usize = 100_000;

/// Adds all changes that are due; returns their number.
pub async fn roll_up(app: &App) -> Result<usize, ServiceError> {
    let (until, since) = (last_day(app.now()), daily_rollups_since(app.now().local_date()));
    let mut folded = 0;
    loop {
        let batch = app.db.write(move |connection| batch(connection, until, since)).await?;
        folded += batch;
        if batch < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(folded);
        }
    }
}

/// Deletes single days that are no longer kept; scans every sum, so it runs only once a night.
pub async fn forget_single_days(app: &App) -> Result<usize, ServiceError> {
    let since = daily_rollups_since(app.now().local_date());
    Ok(app.db.write(move |connection| forget_days(connection, since)).await?)
}

fn batch(connection: &mut DbConnection, until: NaiveDate, since: NaiveDate) -> Result<usize, StorageError> {
    let taken = changes::take(connection, until, BATCH)?;
    let mut folding = RollupAccumulator::new(since);
    taken.iter().for_each(|change| folding.add(change));
    folding.take().store(connection)?;
    Ok(taken.len())
}

/// Accumulates sums and times. Years are derived from the months when everything is taken.
#[derive(Debug)]
pub struct RollupAccumulator {
    days_since: NaiveDate,
    held: HashMap<RollupSlot, SlotTotals>,
    /// Months already taken, until their year is taken.
    years: HashMap<RollupSlot, SlotTotals>,
}

/// The key of a sum without strings, which are slow to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct RollupSlot {
    dimension: Dimension,
    value: i64,
    is_day: bool,
    event_on: NaiveDate,
    received_in: NaiveDate,
    agency_id: AgencyId,
}

#[derive(Debug, Default)]
struct SlotTotals {
    counters: Counters,
    times: PackedTimes,
}

impl RollupAccumulator {
    /// Creates an empty accumulator; dimensions other than `all` get single days only from this day on.
    #[must_use]
    pub fn new(days_since: NaiveDate) -> Self {
        Self { days_since, held: HashMap::new(), years: HashMap::new() }
    }

    /// Adds one change.
    pub fn add(&mut self, change: &ChangeRow) {
        let packed = times::pack(change.counters.processing_ms.abs());
        for dimension in Dimension::ALL {
            let has_days = *dimension == Dimension::All || change.event_on >= self.days_since;
            for is_day in [false, true].into_iter().take(if has_days { 2 } else { 1 }) {
                let slot = RollupSlot {
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

    /// Returns whether it should be written.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.held.len() > MOST_SUMS
    }

    /// Returns everything for storing, and resets.
    pub fn take(&mut self) -> RollupBatch {
        self.take_before(NaiveDate::MAX)
    }

    /// Returns what was received before a month; years only if they ended before it. A caller that adds nothing more to
    /// these months writes each sum once.
    pub fn take_before(&mut self, month: NaiveDate) -> RollupBatch {
        let mut folded = RollupBatch::default();
        let mut ready: Vec<(RollupSlot, SlotTotals)> = self.held.extract_if(|slot, _| slot.received_in < month).collect();
        ready.sort_unstable_by_key(|(slot, _)| *slot);
        for (slot, held) in ready {
            if slot.is_day {
                folded.put(slot.key(Grain::Day), held);
                continue;
            }
            let year = RollupSlot {
                event_on: Grain::Year.of_event(slot.event_on),
                received_in: Grain::Year.of_receipt(slot.received_in),
                ..slot
            };
            *self.years.entry(year).or_default() += &held;
            folded.put(slot.key(Grain::Month), held);
        }
        let mut over: Vec<(RollupSlot, SlotTotals)> =
            self.years.extract_if(|slot, _| month == NaiveDate::MAX || slot.received_in.year() < month.year()).collect();
        over.sort_unstable_by_key(|(slot, _)| *slot);
        over.into_iter().for_each(|(slot, held)| folded.put(slot.key(Grain::Year), held));
        folded
    }
}

impl std::ops::AddAssign<&Self> for SlotTotals {
    fn add_assign(&mut self, other: &Self) {
        self.counters += other.counters;
        self.times.0.extend_from_slice(&other.times.0);
        self.times.1.extend_from_slice(&other.times.1);
    }
}

impl RollupSlot {
    fn key(&self, grain: Grain) -> RollupKey {
        RollupKey {
            dimension: self.dimension,
            value: self.dimension.word_of(self.value),
            grain,
            event_on: grain.of_event(self.event_on),
            received_in: grain.of_receipt(self.received_in),
            agency_id: self.agency_id,
        }
    }
}

/// Accumulated sums and times; keys are unique.
#[derive(Debug, Default)]
pub struct RollupBatch {
    pub sums: Vec<(RollupKey, Counters)>,
    /// The processing times of the sums.
    pub times: Vec<(RollupKey, PackedTimes)>,
}

impl RollupBatch {
    fn put(&mut self, key: RollupKey, held: SlotTotals) {
        if held.times != PackedTimes::default() {
            self.times.push((key.clone(), held.times));
        }
        self.sums.push((key, held.counters));
    }

    /// Inserts new sums; existing keys are an error.
    pub fn insert(&self, connection: &mut DbConnection) -> Result<(), StorageError> {
        insert_new(connection, &self.sums, &self.times)
    }

    /// Adds everything to the stored sums.
    pub fn store(&self, connection: &mut DbConnection) -> Result<(), StorageError> {
        add_sums(connection, &self.sums)?;
        add_times(connection, &self.times)
    }
}
