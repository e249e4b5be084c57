//! Generates petitions in chronological order. A petition to be transferred is held back until everything
//! before its transfer has been entered, so that the numbers of every register rise with the times of receipt.

use super::context::GenerateContext;
use super::course::GeneratedAction;
use super::life::{GeneratedPetition, RegisterCounters, RowNumbers};
use crate::db::service_error::ServiceError;
use crate::figures::rules::Grain;
use crate::figures::statistics::roll_up::{RollupAccumulator, RollupBatch, daily_rollups_since, last_day};
use crate::figures::store::ChangeRow;
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::sample_data::store::CopySheets;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::collections::vec_deque::VecDeque;
use std::sync::Arc;

/// A batch of generated petitions.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Their rows.
    pub sheets: CopySheets,
    /// Statistics changes on future days.
    pub ahead: Vec<ChangeRow>,
    /// Aggregated statistics changes of this and earlier batches, once there are many.
    pub folded: Option<RollupBatch>,
    /// Number of petitions generated so far.
    pub done: u64,
    /// Whether this is the last batch.
    pub is_last: bool,
}

type PendingActions = VecDeque<(Instant, GeneratedAction)>;

/// Generates petitions in batches.
pub(super) struct Producer {
    office: Arc<GenerateContext>,
    next: u64,
    registers: RegisterCounters,
    numbers: RowNumbers,
    folding: RollupAccumulator,
    /// The last day whose statistics changes may be aggregated.
    until: NaiveDate,
    /// Petitions to be transferred, by time of transfer.
    waiting: BTreeMap<(Instant, PetitionId), (GeneratedPetition, PendingActions)>,
}

impl Producer {
    /// Creates a producer, before the first petition.
    pub fn new(office: Arc<GenerateContext>, now: Instant) -> Self {
        Self {
            office,
            next: 0,
            registers: RegisterCounters::default(),
            numbers: RowNumbers::default(),
            folding: RollupAccumulator::new(daily_rollups_since(now.local_date())),
            until: last_day(now),
            waiting: BTreeMap::new(),
        }
    }

    /// Generates the next batch.
    ///
    /// # Errors
    /// `Internal` when a course does not fit.
    pub fn batch(&mut self, size: usize) -> Result<Batch, ServiceError> {
        let mut batch = Batch::default();
        let office = Arc::clone(&self.office);
        for _ in 0..size {
            if self.next == office.order.petitions {
                break;
            }
            let course = office.courses.draw(self.next).ok_or(ServiceError::Internal("a course cannot be drawn"))?;
            self.next += 1;
            self.hand_on(&office, Some(course.received), &mut batch)?;
            let id = PetitionId(i64::try_from(self.next).unwrap_or(i64::MAX));
            let life = GeneratedPetition::file(&office, &mut self.registers, id, &course.form, course.received)?;
            self.live(&office, id, life, course.actions.into(), &mut batch)?;
        }
        if self.next == office.order.petitions {
            self.hand_on(&office, None, &mut batch)?;
            for (agency, year, number) in self.registers.counters() {
                batch.sheets.counter(agency, year, number);
            }
            batch.is_last = true;
        }
        if batch.is_last {
            batch.folded = Some(self.folding.take());
        } else if self.folding.is_full() {
            // Months before the oldest petition still to be transferred are complete.
            let oldest = self.waiting.values().map(|(life, _)| life.received_on()).min();
            let month = oldest.or(self.office.courses.received(self.next).local_date().into());
            batch.folded = month.map(|day| self.folding.take_before(Grain::Month.of_receipt(day)));
        }
        batch.done = self.next;
        Ok(batch)
    }

    /// Continues the petitions whose transfer comes before the next receipt.
    fn hand_on(&mut self, office: &GenerateContext, before: Option<Instant>, batch: &mut Batch) -> Result<(), ServiceError> {
        while let Some(entry) = self.waiting.first_entry() {
            let (at, id) = *entry.key();
            if before.is_some_and(|before| at > before) {
                break;
            }
            let (mut life, mut actions) = entry.remove();
            if let Some((at, action)) = actions.pop_front() {
                life.step(office, &mut self.registers, at, &action)?;
            }
            self.live(office, id, life, actions, batch)?;
        }
        Ok(())
    }

    /// Executes steps up to the next transfer, or to the end.
    fn live(
        &mut self,
        office: &GenerateContext,
        id: PetitionId,
        mut life: GeneratedPetition,
        mut actions: PendingActions,
        batch: &mut Batch,
    ) -> Result<(), ServiceError> {
        while let Some((at, action)) = actions.front() {
            if *action == GeneratedAction::Transfer {
                let key = (*at, id);
                self.waiting.insert(key, (life, actions));
                return Ok(());
            }
            life.step(office, &mut self.registers, *at, action)?;
            actions.pop_front();
        }
        for change in life.write(&mut self.numbers, &mut batch.sheets)? {
            if change.event_on > self.until { batch.ahead.push(change) } else { self.folding.add(&change) }
        }
        Ok(())
    }
}
