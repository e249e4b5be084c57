//! A validated query, ready to be counted.
//!
//! Created by [`super::parse_query`] from request parameters; executed by [`super::count`].

use crate::directory::rules::deadline::Urgency;
use crate::figures::rules::measure::{Measure, MeasureSource};
use crate::figures::rules::period::{Period, SubPeriod};
use crate::figures::rules::{AgenciesAs, Dimension, GroupBy};
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, CategoryId};
use crate::petitions::rules::{Channel, PetitionerKind};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The filter of a query, besides the period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FigureFilter {
    /// Only petitions held by one of these agencies.
    pub agencies: Option<BTreeSet<AgencyId>>,
    /// Only these categories: all validity spans of one code.
    pub categories: Option<Vec<CategoryId>>,
    pub channel: Option<Channel>,
    pub petitioner_kind: Option<PetitionerKind>,
    pub urgency: Option<Urgency>,
}

impl FigureFilter {
    /// Returns whether petitions held by this agency match.
    #[must_use]
    pub fn admits(&self, agency: AgencyId) -> bool {
        self.agencies.as_ref().is_none_or(|agencies| agencies.contains(&agency))
    }

    /// Returns the filtered dimensions with their allowed values.
    #[must_use]
    pub fn dimensions(&self) -> Vec<(Dimension, Vec<String>)> {
        let mut dimensions = Vec::new();
        if let Some(categories) = &self.categories {
            dimensions.push((Dimension::Category, categories.iter().map(CategoryId::to_string).collect()));
        }
        dimensions.extend(self.channel.map(|channel| (Dimension::Channel, vec![channel.to_string()])));
        dimensions.extend(self.petitioner_kind.map(|kind| (Dimension::PetitionerKind, vec![kind.to_string()])));
        dimensions.extend(self.urgency.map(|urgency| (Dimension::Urgency, vec![urgency.to_string()])));
        dimensions
    }
}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureQuery {
    /// The days of receipt.
    pub period: Period,
    /// The cut-off.
    pub as_of: Instant,
    /// The current time.
    pub now: Instant,
    pub filter: FigureFilter,
    /// The agencies under which figures are shown.
    pub agencies: AgenciesAs,
    pub group_by: GroupBy,
    pub measures: Vec<Measure>,
    /// The sub-periods to count separately; empty for none.
    pub steps: Vec<SubPeriod>,
}

impl FigureQuery {
    /// Returns whether any of the measures needs this source.
    #[must_use]
    pub fn needs(&self, source: MeasureSource) -> bool {
        self.measures.iter().any(|measure| measure.source() == source)
    }

    /// Returns whether figures move from former agencies to today's. Not needed when agencies are not distinguished.
    #[must_use]
    pub const fn is_restated(&self) -> bool {
        let tells_agencies = self.group_by.is_of_agencies() || self.filter.agencies.is_some();
        matches!(self.agencies, AgenciesAs::Today) && tells_agencies
    }

    /// Returns the index of the sub-period that contains this day of receipt.
    #[must_use]
    pub fn step_of(&self, day: NaiveDate) -> usize {
        self.steps.partition_point(|step| step.period.to() < day)
    }
}
