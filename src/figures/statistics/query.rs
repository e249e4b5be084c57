//! A question about the figures, checked and ready to be counted.
//!
//! Made by [`super::parse_query`] from the words of a request; answered by [`super::count`].

use crate::directory::rules::deadline::Urgency;
use crate::figures::rules::measure::{Measure, MeasureSource};
use crate::figures::rules::period::{Period, SubPeriod};
use crate::figures::rules::{AgenciesAs, Dimension, GroupBy};
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, CategoryId};
use crate::petitions::rules::{Channel, PetitionerKind};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Which petitions are meant, beside the period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FigureFilter {
    /// Only those held by one of these agencies.
    pub agencies: Option<BTreeSet<AgencyId>>,
    /// Only these categories: all spans of one code.
    pub categories: Option<Vec<CategoryId>>,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only this petitioner kind.
    pub petitioner_kind: Option<PetitionerKind>,
    /// Only this urgency.
    pub urgency: Option<Urgency>,
}

impl FigureFilter {
    /// Whether petitions held by this agency are meant.
    #[must_use]
    pub fn admits(&self, agency: AgencyId) -> bool {
        self.agencies.as_ref().is_none_or(|agencies| agencies.contains(&agency))
    }

    /// The dimensions that it restricts, each with the values that it lets through.
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

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureQuery {
    /// The days of receipt.
    pub period: Period,
    /// The cut-off.
    pub as_of: Instant,
    /// The present moment.
    pub now: Instant,
    /// Which petitions.
    pub filter: FigureFilter,
    /// Under which agencies the figures are shown.
    pub agencies: AgenciesAs,
    /// What the rows stand for.
    pub group_by: GroupBy,
    /// The wanted measures.
    pub measures: Vec<Measure>,
    /// The parts of the period to keep apart; empty for none.
    pub steps: Vec<SubPeriod>,
}

impl FigureQuery {
    /// Whether some wanted measure comes from there.
    #[must_use]
    pub fn needs(&self, source: MeasureSource) -> bool {
        self.measures.iter().any(|measure| measure.source() == source)
    }

    /// Whether figures move from the agencies of then to those of today; where no agency is told apart, none has to.
    #[must_use]
    pub const fn is_restated(&self) -> bool {
        let tells_agencies = self.group_by.is_of_agencies() || self.filter.agencies.is_some();
        matches!(self.agencies, AgenciesAs::Today) && tells_agencies
    }

    /// The part of the period in which a petition was received on that day.
    #[must_use]
    pub fn step_of(&self, day: NaiveDate) -> usize {
        self.steps.partition_point(|step| step.period.to() < day)
    }
}
