//! Counting: takes a query; returns one tally per cell, from rollup rows where these are exact and from single
//! petitions elsewhere.
//!
//! Both ways give the same numbers; `tests` compares them with random histories.

use super::holders::FigureHolders;
use super::plan::{CountPlan, DaySpan, LONG_AGO, day_before};
use super::query::FigureQuery;
use super::rollup_query::{CARRIED, OPEN, RollupQuery};
use super::walk::{PetitionAtCutOff, TimelineScope, walk};
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::figures::rules::measure::MeasureSource;
use crate::figures::rules::tally::{share_of_facts, shares_in_period, shares_of_carried};
use crate::figures::rules::{AgencyShares, Counters, Dimension, Replay, Tally};
use crate::figures::store::{Cohort, CohortMember, SettlementStatus};
use crate::kernel::Instant;
use crate::kernel::ids::AgencyId;
use chrono::{Duration, NaiveDate};
use std::collections::BTreeMap;

/// The key of a cell; the groups of a result are made of cells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellKey {
    pub agency_id: AgencyId,
    /// The value of the grouping dimension; empty without one.
    pub value: String,
    /// The index of the sub-period; 0 without steps.
    pub step: usize,
}

/// The tally of each cell.
pub type CellTallies = BTreeMap<CellKey, Tally>;

/// Counts, from rollup rows wherever they are exact.
pub fn count(connection: &mut DbConnection, directory: &Directory, question: &FigureQuery) -> Result<CellTallies, StorageError> {
    count_by(connection, directory, question, &CountPlan::of(question))
}

/// Counts petition by petition, to verify the rollup rows.
pub fn count_without_rows(
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
) -> Result<CellTallies, StorageError> {
    count_by(connection, directory, question, &CountPlan::without_rows(question))
}

fn count_by(
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
    plan: &CountPlan,
) -> Result<CellTallies, StorageError> {
    let holders = FigureHolders::of(question, directory);
    let mut counting =
        CountRun { connection, rolled: RollupQuery::new(question, directory), question, holders, cells: CellTallies::new() };
    if let Some(span) = plan.rolled {
        counting.rows_of_the_period(span)?;
        if question.needs(MeasureSource::Times) {
            counting.times(span)?;
        }
        if question.needs(MeasureSource::Deadlines) && question.as_of >= question.now {
            counting.not_due_before_night(span)?;
        }
    }
    for span in &plan.days {
        counting.petitions_of_the_period(*span)?;
    }
    // With steps, each sub-period has its own flows and is counted separately.
    if (question.needs(MeasureSource::Flow) || question.needs(MeasureSource::HandOvers)) && question.steps.is_empty() {
        if let Some(month) = plan.carried_before {
            counting.rows_of_the_carried(month)?;
        }
        if let Some(span) = plan.carried_days {
            counting.carried_petitions(span)?;
        }
    }
    let CountRun { mut cells, .. } = counting;
    cells.retain(|cell, _| question.filter.admits(cell.agency_id));
    Ok(cells)
}

/// Returns the cohort of petitions received on these days.
pub(super) fn cohort(question: &FigureQuery, (from, to): DaySpan, standing: SettlementStatus) -> Cohort {
    let filter = &question.filter;
    Cohort {
        from,
        to,
        standing,
        categories: filter.categories.clone(),
        channel: filter.channel,
        petitioner_kind: filter.petitioner_kind,
        urgency: filter.urgency,
    }
}

/// Returns cohorts that together contain every petition that was open at the start of the period or has had events
/// since.
pub(super) fn carried_cohorts(question: &FigureQuery, span: DaySpan) -> [Cohort; 3] {
    let begin = question.period.starts_at();
    [SettlementStatus::Unsettled, SettlementStatus::SettledFrom(begin), SettlementStatus::ReopenedSettledBefore(begin)]
        .map(|standing| cohort(question, span, standing))
}

/// Returns cohorts that together contain every petition unanswered at the cut-off.
pub(super) fn unanswered_cohorts(question: &FigureQuery, span: DaySpan) -> [Cohort; 2] {
    let after = question.as_of.plus(Duration::microseconds(1));
    [SettlementStatus::Unsettled, SettlementStatus::SettledFrom(after)].map(|standing| cohort(question, span, standing))
}

/// Returns the shares of a petition received in the period.
pub(super) fn shares_of_subject(question: &FigureQuery, look: PetitionAtCutOff<'_>) -> AgencyShares {
    match look {
        PetitionAtCutOff::Present(subject) => {
            AgencyShares::from([(subject.facts.holder(), share_of_facts(&subject.facts, question.as_of))])
        }
        PetitionAtCutOff::Past(subject, entries) => shares_in_period(Replay::new(subject.origin(), entries), question.as_of),
    }
}

/// Returns the shares of a petition received before the period.
pub(super) fn shares_of_earlier(question: &FigureQuery, look: PetitionAtCutOff<'_>) -> AgencyShares {
    match look {
        PetitionAtCutOff::Present(_) => AgencyShares::new(),
        PetitionAtCutOff::Past(subject, entries) => {
            shares_of_carried(Replay::new(subject.origin(), entries), question.period.starts_at(), question.as_of)
        }
    }
}

struct CountRun<'a> {
    connection: &'a mut DbConnection,
    question: &'a FigureQuery,
    rolled: RollupQuery<'a>,
    holders: FigureHolders<'a>,
    cells: CellTallies,
}

impl CountRun<'_> {
    /// Adds sums to the cells; `each` merges one part into its tally.
    fn put<T>(&mut self, sums: Vec<super::rollup_query::RollupPart<T>>, each: impl Fn(&mut Tally, T)) {
        let question = self.question;
        for part in sums {
            let agency_id = part.place.map_or(part.agency_id, |place| self.holders.holder(part.agency_id, place));
            let step = question.step_of(part.received_in.unwrap_or(question.period.from()));
            each(self.cells.entry(CellKey { agency_id, value: part.value, step }).or_default(), part.content);
        }
    }

    fn rows_of_the_period(&mut self, span: DaySpan) -> Result<(), StorageError> {
        let event_on = (span.0, self.question.as_of.local_date());
        let sums = self.rolled.sums(self.connection, span, event_on, Counters::NAMES)?;
        self.put(sums, |tally, counters| {
            tally.overdue += counters.overdue;
            tally.period += Counters { overdue: 0, ..counters };
        });
        Ok(())
    }

    fn times(&mut self, span: DaySpan) -> Result<(), StorageError> {
        let times = self.rolled.times(self.connection, span, (span.0, self.question.as_of.local_date()))?;
        self.put(times, |tally, times| tally.times += &times);
        Ok(())
    }

    fn rows_of_the_carried(&mut self, month: NaiveDate) -> Result<(), StorageError> {
        let received = (LONG_AGO, day_before(month));
        let before = (LONG_AGO, day_before(self.question.period.from()));
        let sums = self.rolled.sums(self.connection, received, before, OPEN)?;
        self.put(sums, |tally, counters| {
            tally.open_before += counters.open;
            tally.open_after += counters.open;
        });
        let since = (self.question.period.from(), self.question.as_of.local_date());
        let sums = self.rolled.sums(self.connection, received, since, CARRIED)?;
        self.put(sums, |tally, counters| {
            tally.carried += counters.flows();
            tally.open_after += counters.open;
        });
        Ok(())
    }

    /// Corrects for today's rows, which already count as overdue what is due by tonight.
    fn not_due_before_night(&mut self, span: DaySpan) -> Result<(), StorageError> {
        let question = self.question;
        let tonight = Instant::end_of(question.as_of.local_date());
        let cohort = cohort(question, span, SettlementStatus::UnsettledDue(question.as_of, tonight));
        let (holders, cells) = (&self.holders, &mut self.cells);
        walk(self.connection, &cohort, TimelineScope::ChangedAfter(question.as_of), |look| {
            let facts = &look.subject().facts;
            let overdue = Tally { overdue: -1, ..Tally::default() };
            add(cells, question, holders, look.subject(), AgencyShares::from([(facts.holder(), overdue)]));
        })
    }

    fn petitions_of_the_period(&mut self, span: DaySpan) -> Result<(), StorageError> {
        let (question, holders, cells) = (self.question, &self.holders, &mut self.cells);
        let cohort = cohort(question, span, SettlementStatus::Any);
        walk(self.connection, &cohort, timelines_of(question), |look| {
            add(cells, question, holders, look.subject(), shares_of_subject(question, look));
        })
    }

    fn carried_petitions(&mut self, span: DaySpan) -> Result<(), StorageError> {
        let question = self.question;
        for cohort in carried_cohorts(question, span) {
            let (holders, cells) = (&self.holders, &mut self.cells);
            walk(self.connection, &cohort, TimelineScope::All, |look| {
                add(cells, question, holders, look.subject(), shares_of_earlier(question, look));
            })?;
        }
        Ok(())
    }
}

/// Transfers are events: even for a petition unchanged since the cut-off they are found in the timeline only.
pub(super) fn timelines_of(question: &FigureQuery) -> TimelineScope {
    if question.needs(MeasureSource::HandOvers) { TimelineScope::All } else { TimelineScope::ChangedAfter(question.as_of) }
}

fn add(
    cells: &mut CellTallies,
    question: &FigureQuery,
    holders: &FigureHolders<'_>,
    subject: &CohortMember,
    shares: AgencyShares,
) {
    let traits = subject.facts.traits();
    let value = match question.group_by.dimension() {
        Dimension::All => String::new(),
        dimension => dimension.value_of(&traits),
    };
    let step = question.step_of(subject.received_on);
    for (agency_id, mut share) in shares {
        if !question.needs(MeasureSource::Times) {
            share.times.clear();
        }
        let agency_id = holders.holder(agency_id, traits.area_id);
        *cells.entry(CellKey { agency_id, value: value.clone(), step }).or_default() += &share;
    }
}
