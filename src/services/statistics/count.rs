//! Counts: a question enters, a tally for each cell leaves, from rolled-up rows where they are exact and from the petitions
//! themselves elsewhere.
//!
//! Both ways give the same numbers; `tests` hold them against one another under random histories.

use super::plan::{LONG_AGO, Plan, Span, dimension};
use super::question::Question;
use super::walk::{Look, Timelines, walk};
use crate::domain::ids::AgencyId;
use crate::domain::measure::Source;
use crate::domain::statistics::tally::{share_of_facts, shares_in_period, shares_of_carried};
use crate::domain::statistics::{Counters, Dimension, Replay, Shares, Tally};
use crate::storage::statistics::{Cohort, Scope, Standing, Subject, Sum, sums};
use crate::storage::{DbConnection, StorageError};
use chrono::{Duration, NaiveDate};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// What is kept apart while counting; the groups of an answer are made of cells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The holder.
    pub agency_id: AgencyId,
    /// The value of the dimension of the groups; empty without one.
    pub value: String,
    /// The place of the part of the period; 0 without parts.
    pub step: usize,
}

/// What was counted.
pub type Cells = BTreeMap<Cell, Tally>;

/// Counts, with rows wherever they are exact.
///
/// # Errors
/// Only those of the database.
pub fn count(connection: &mut DbConnection, question: &Question) -> Result<Cells, StorageError> {
    count_by(connection, question, &Plan::of(question))
}

/// Counts petition by petition, to hold the rows against it.
///
/// # Errors
/// Only those of the database.
pub fn count_without_rows(connection: &mut DbConnection, question: &Question) -> Result<Cells, StorageError> {
    count_by(connection, question, &Plan::without_rows(question))
}

fn count_by(connection: &mut DbConnection, question: &Question, plan: &Plan) -> Result<Cells, StorageError> {
    let mut counting = Counting { connection, question, cells: Cells::new() };
    if let Some(span) = plan.rolled {
        counting.rows_of_the_period(span)?;
        if question.needs(Source::Deadlines) {
            counting.unanswered(span)?;
        }
    }
    for span in &plan.days {
        counting.petitions_of_the_period(*span)?;
    }
    // Rows of single parts of the period have flows of their own, counted one part at a time.
    if (question.needs(Source::Flow) || question.needs(Source::HandOvers)) && question.steps.is_empty() {
        if let Some(month) = plan.carried_before {
            counting.rows_of_the_carried(month)?;
        }
        if let Some(span) = plan.carried_days {
            counting.carried_petitions(span)?;
        }
    }
    let Counting { mut cells, .. } = counting;
    cells.retain(|cell, _| question.filter.admits(cell.agency_id));
    Ok(cells)
}

/// The petitions of the question that were received on these days.
pub(super) fn cohort(question: &Question, (from, to): Span, standing: Standing) -> Cohort {
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

/// The cohorts in which everybody is who was open at the beginning of the period or has moved since.
pub(super) fn carried_cohorts(question: &Question, span: Span) -> [Cohort; 3] {
    let begin = question.period.starts_at();
    [Standing::Unsettled, Standing::SettledFrom(begin), Standing::ReopenedSettledBefore(begin)]
        .map(|standing| cohort(question, span, standing))
}

/// The cohorts in which everybody is who was not answered at the cut-off.
pub(super) fn unanswered_cohorts(question: &Question, span: Span) -> [Cohort; 2] {
    let after = question.as_of.plus(Duration::microseconds(1));
    [Standing::Unsettled, Standing::SettledFrom(after)].map(|standing| cohort(question, span, standing))
}

/// What one petition received in the period counts for.
pub(super) fn shares_of_subject(question: &Question, look: Look<'_>) -> Shares {
    match look {
        Look::Present(subject) => Shares::from([(subject.facts.holder(), share_of_facts(&subject.facts, question.as_of))]),
        Look::Past(subject, entries) => shares_in_period(Replay::new(subject.origin(), entries), question.as_of),
    }
}

/// What one petition received before the period counts for.
pub(super) fn shares_of_earlier(question: &Question, look: Look<'_>) -> Shares {
    match look {
        Look::Present(_) => Shares::new(),
        Look::Past(subject, entries) => {
            shares_of_carried(Replay::new(subject.origin(), entries), question.period.starts_at(), question.as_of)
        }
    }
}

struct Counting<'a> {
    connection: &'a mut DbConnection,
    question: &'a Question,
    cells: Cells,
}

impl Counting<'_> {
    fn cell(&mut self, agency_id: AgencyId, value: String, received_on: NaiveDate) -> &mut Tally {
        let step = self.question.step_of(received_on);
        self.cells.entry(Cell { agency_id, value, step }).or_default()
    }

    /// One sum over the rows for each value that the filter lets through.
    fn sums(
        &mut self,
        received_in: RangeInclusive<NaiveDate>,
        event_on: RangeInclusive<NaiveDate>,
        mut each: impl FnMut(&mut Tally, Counters),
    ) -> Result<(), StorageError> {
        let question = self.question;
        let dimension = dimension(question).unwrap_or(Dimension::All);
        let values = question.filter.dimensions().into_iter().next().map(|(_, values)| values);
        let values: Vec<Option<String>> = values.map_or_else(|| vec![None], |all| all.into_iter().map(Some).collect());
        for value in values {
            let scope = Scope {
                dimension,
                value,
                received_in: received_in.clone(),
                event_on: event_on.clone(),
                by_agency: question.group_by.is_of_agencies() || question.filter.agencies.is_some(),
                by_value: question.group_by.dimension() != Dimension::All,
                by_month: !question.steps.is_empty(),
            };
            for Sum { agency_id, value, received_in: month, counters } in sums(self.connection, &scope)? {
                each(self.cell(agency_id, value, month.unwrap_or(question.period.from())), counters);
            }
        }
        Ok(())
    }

    fn rows_of_the_period(&mut self, (from, to): Span) -> Result<(), StorageError> {
        let event_on = from..=self.question.as_of.local_date();
        self.sums(from..=to, event_on, |tally, counters| tally.period += counters)
    }

    fn rows_of_the_carried(&mut self, month: NaiveDate) -> Result<(), StorageError> {
        let Some(last) = month.pred_opt() else { return Ok(()) };
        let Some(eve) = self.question.period.from().pred_opt() else { return Ok(()) };
        self.sums(LONG_AGO..=last, LONG_AGO..=eve, |tally, counters| {
            tally.open_before += counters.open;
            tally.open_after += counters.open;
        })?;
        let event_on = self.question.period.from()..=self.question.as_of.local_date();
        self.sums(LONG_AGO..=last, event_on, |tally, counters| {
            tally.carried += counters.flows();
            tally.open_after += counters.open;
        })
    }

    /// Looks up which of those that rows count as unanswered were due before the cut-off.
    fn unanswered(&mut self, span: Span) -> Result<(), StorageError> {
        let question = self.question;
        for cohort in unanswered_cohorts(question, span) {
            let cells = &mut self.cells;
            walk(self.connection, &cohort, Timelines::ChangedAfter(question.as_of), |look| {
                let overdue = |share: Tally| Tally { overdue: share.overdue, ..Tally::default() };
                add(cells, question, look.subject(), shares_of_subject(question, look), overdue);
            })?;
        }
        Ok(())
    }

    fn petitions_of_the_period(&mut self, span: Span) -> Result<(), StorageError> {
        let (question, cells) = (self.question, &mut self.cells);
        let cohort = cohort(question, span, Standing::Any);
        walk(self.connection, &cohort, timelines_of(question), |look| {
            add(cells, question, look.subject(), shares_of_subject(question, look), |share| share);
        })
    }

    fn carried_petitions(&mut self, span: Span) -> Result<(), StorageError> {
        let question = self.question;
        for cohort in carried_cohorts(question, span) {
            let cells = &mut self.cells;
            walk(self.connection, &cohort, Timelines::All, |look| {
                add(cells, question, look.subject(), shares_of_earlier(question, look), |share| share);
            })?;
        }
        Ok(())
    }
}

/// Hand-overs are events: even of a petition that has been quiet since the cut-off only the timeline knows them.
pub(super) fn timelines_of(question: &Question) -> Timelines {
    if question.needs(Source::HandOvers) { Timelines::All } else { Timelines::ChangedAfter(question.as_of) }
}

fn add(cells: &mut Cells, question: &Question, subject: &Subject, shares: Shares, part: impl Fn(Tally) -> Tally) {
    let value = question.group_by.dimension().value_of(&subject.facts);
    let step = question.step_of(subject.received_on);
    for (agency_id, mut share) in shares {
        if !question.needs(Source::Times) {
            share.times.clear();
        }
        let cell = Cell { agency_id, value: value.clone(), step };
        *cells.entry(cell).or_default() += &part(share);
    }
}
