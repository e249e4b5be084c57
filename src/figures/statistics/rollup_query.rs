//! Combines stored sums with changes not yet added to them, for one query.
//!
//! Takes spans of receipt and of events; returns [`RollupPart`]s: sums split by what the query distinguishes. The sums
//! of a span are the coarsest stored rows that cover it ([`super::cover`]) plus the pending changes of the same span.

use super::cover::{WantedSpans, cover};
use super::plan::{DaySpan, dimension};
use super::query::FigureQuery;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::Directory;
use crate::figures::rules::{Counters, Dimension, Grain, ProcessingTimes};
use crate::figures::store::{ChangeRow, GroupSum, SumScope, changes, sums, times};
use crate::kernel::ids::{AgencyId, AreaId};
use crate::petitions::rules::{Channel, PetitionerKind};
use chrono::{Datelike, NaiveDate};
use std::cell::OnceCell;

/// The counters needed for petitions that were open.
pub(super) const OPEN: &[&str] = &["open"];
/// The counters needed for petitions carried over.
pub(super) const CARRIED: &[&str] = &["open", "flow_answered", "flow_reopened", "flow_in", "flow_out", "flow_settled"];

/// A sum, split by what the query distinguishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RollupPart<T> {
    /// The agency, or 0.
    pub agency_id: AgencyId,
    /// The place of the cases, where agencies are restated.
    pub place: Option<AreaId>,
    /// The value of the grouping dimension, or empty.
    pub value: String,
    /// A day of the month or year of receipt.
    pub received_in: Option<NaiveDate>,
    pub content: T,
}

/// The rollup rows of one query.
#[derive(Debug)]
pub(super) struct RollupQuery<'a> {
    question: &'a FigureQuery,
    dimension: Dimension,
    values: Vec<String>,
    /// Changes up to the cut-off that are in no sum yet; loaded on first use.
    waiting: OnceCell<Vec<ChangeRow>>,
}

impl<'a> RollupQuery<'a> {
    /// For a query with at most one dimension.
    pub fn new(question: &'a FigureQuery, directory: &Directory) -> Self {
        let dimension = dimension(question).unwrap_or(Dimension::All);
        let asked = question.filter.dimensions().into_iter().next().map(|(_, values)| values);
        let values = asked.unwrap_or_else(|| known_values(dimension, directory));
        Self { question, dimension, values, waiting: OnceCell::new() }
    }

    /// Returns the sums of some counters.
    pub fn sums(
        &self,
        connection: &mut DbConnection,
        received: DaySpan,
        events: DaySpan,
        counters: &'static [&'static str],
    ) -> Result<Vec<RollupPart<Counters>>, StorageError> {
        let mut parts = Vec::new();
        for scope in self.scopes(received, events, counters) {
            parts.extend(sums(connection, &scope)?.into_iter().map(|sum| self.part(sum)));
        }
        let waiting = self.waiting(connection, received, events)?;
        parts.extend(waiting.map(|change| self.part_of_change(change, change.counters)));
        Ok(parts)
    }

    /// Returns the processing times.
    pub fn times(
        &self,
        connection: &mut DbConnection,
        received: DaySpan,
        events: DaySpan,
    ) -> Result<Vec<RollupPart<ProcessingTimes>>, StorageError> {
        let mut parts = Vec::new();
        for scope in self.scopes(received, events, &[]) {
            parts.extend(times(connection, &scope)?.into_iter().map(|sum| self.part(sum)));
        }
        for change in self.waiting(connection, received, events)? {
            let packed = crate::figures::rules::times::pack(change.counters.processing_ms.abs()).to_vec();
            let content = match change.counters.handled {
                0 => continue,
                handled if handled > 0 => ProcessingTimes::of(packed, Vec::new()),
                _ => ProcessingTimes::of(Vec::new(), packed),
            };
            parts.push(self.part_of_change(change, content));
        }
        Ok(parts)
    }

    fn scopes(&self, received: DaySpan, events: DaySpan, counters: &'static [&'static str]) -> Vec<SumScope> {
        let question = self.question;
        let has_years = question.steps.iter().skip(1).all(|step| step.period.from().ordinal() == 1);
        let is_present = events.1 >= question.now.local_date();
        let stretches = cover(&WantedSpans { received, events, is_present, has_years });
        let scope = |stretch: super::cover::RollupSpan| SumScope {
            dimension: self.dimension,
            values: self.values.clone(),
            grain: stretch.grain,
            received_in: stretch.received_in,
            event_on: stretch.event_on,
            by_agency: self.tells_agencies(),
            by_value: self.tells_values(),
            by_receipt: !question.steps.is_empty(),
            counters,
        };
        stretches.into_iter().map(scope).collect()
    }

    fn tells_agencies(&self) -> bool {
        self.question.group_by.is_of_agencies() || self.question.filter.agencies.is_some()
    }

    fn tells_values(&self) -> bool {
        self.question.group_by.dimension() != Dimension::All || self.question.is_restated()
    }

    fn part<T>(&self, sum: GroupSum<T>) -> RollupPart<T> {
        let GroupSum { agency_id, value, received_in, content } = sum;
        if self.question.is_restated() {
            let place = value.parse().ok().map(AreaId);
            return RollupPart { agency_id, place, value: String::new(), received_in, content };
        }
        RollupPart { agency_id, place: None, value, received_in, content }
    }

    fn waiting(
        &self,
        connection: &mut DbConnection,
        (first, last): DaySpan,
        (from, to): DaySpan,
    ) -> Result<impl Iterator<Item = &ChangeRow>, StorageError> {
        if self.waiting.get().is_none() {
            let mut all = changes::until(connection, self.question.as_of.local_date())?;
            if self.dimension != Dimension::All {
                all.retain(|change| self.values.contains(&self.dimension.value_of(&change.traits)));
            }
            self.waiting.get_or_init(|| all);
        }
        let received = Grain::Month.of_receipt(first)..=last;
        let is_meant =
            move |change: &&ChangeRow| received.contains(&change.received_in) && (from..=to).contains(&change.event_on);
        Ok(self.waiting.get().into_iter().flatten().filter(is_meant))
    }

    fn part_of_change<T>(&self, change: &ChangeRow, content: T) -> RollupPart<T> {
        let value = if self.tells_values() { self.dimension.value_of(&change.traits) } else { String::new() };
        let agency_id = if self.tells_agencies() { change.agency_id } else { AgencyId(0) };
        let received_in = (!self.question.steps.is_empty()).then_some(change.received_in);
        self.part(GroupSum { agency_id, value, received_in, content })
    }
}

/// Every possible value of a dimension.
fn known_values(dimension: Dimension, directory: &Directory) -> Vec<String> {
    fn words<T: ToString>(all: &[T]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }
    match dimension {
        Dimension::All => vec![String::new()],
        Dimension::Category => directory.categories().iter().map(|category| category.id.to_string()).collect(),
        Dimension::Channel => words(Channel::ALL),
        Dimension::PetitionerKind => words(PetitionerKind::ALL),
        Dimension::Urgency => words(Urgency::ALL),
        Dimension::Area => directory.areas().iter().map(|area| area.id.to_string()).collect(),
    }
}
