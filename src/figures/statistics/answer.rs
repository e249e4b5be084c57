//! The response types of the figures.

use super::groups::FigureGroup;
use super::query::FigureQuery;
use crate::figures::rules::measure::Measure;
use crate::figures::rules::{Figures, Order, RULE_VERSION};
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::{Status, Timeliness};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// What every figure is published with, so that anyone can compute it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeriodStatement {
    /// First day of receipt.
    pub from: NaiveDate,
    /// Last day of receipt.
    pub to: NaiveDate,
    /// The cut-off: what happened later does not count.
    pub as_of: Instant,
    /// The version of the rules of counting.
    pub rule_version: &'static str,
}

impl PeriodStatement {
    /// Creates the statement for a query.
    #[must_use]
    pub const fn of(question: &FigureQuery) -> Self {
        Self { from: question.period.from(), to: question.period.to(), as_of: question.as_of, rule_version: RULE_VERSION }
    }
}

/// One row with its measures beside key and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupFigures {
    /// A code or a word; drill-down and filters take the same.
    pub key: String,
    /// A name.
    pub name: String,
    /// The measures.
    #[serde(flatten)]
    pub figures: Figures,
    /// In a comparison: how much more there is in the period asked for than in the one compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Figures>,
}

impl GroupFigures {
    /// Creates a row.
    #[must_use]
    pub fn of(group: &FigureGroup, measures: &[Measure]) -> Self {
        Self { key: group.key.clone(), name: group.name.clone(), figures: group.figures(measures), change: None }
    }
}

/// Figures of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    /// What the figures are about.
    pub period: PeriodStatement,
    /// Of all together.
    pub total: Figures,
    /// One row for each group.
    pub groups: Vec<GroupFigures>,
    /// The same for the period that was to be compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// Figures of an earlier period beside those that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Comparison {
    /// The earlier period.
    pub period: PeriodStatement,
    /// Of all together, then.
    pub total: Figures,
    /// One row for each group of then or now, each with its own `change`.
    pub groups: Vec<GroupFigures>,
    /// The total asked for minus the total then, in the measure's own unit: points for rates, days for times.
    pub change: Figures,
}

/// Groups in order of one measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ranking {
    /// What the figures are about.
    pub period: PeriodStatement,
    /// By what they are ranked.
    pub measure: Measure,
    /// Whether less is better.
    pub less_is_better: bool,
    /// From which end the ranks are counted.
    pub order: Order,
    /// Fewer petitions than this do not make a rank.
    pub min_received: i64,
    /// How many ranks were asked for.
    pub limit: usize,
    /// How many groups have a rank beyond `limit` and are not among the items.
    pub left_off: usize,
    /// The ranked groups; all that share the last rank are there, even beyond `limit`.
    pub items: Vec<Ranked>,
    /// Groups without a rank.
    pub apart: Vec<Unranked>,
    /// The earlier period with which the ranks were to be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared_with: Option<PeriodStatement>,
}

/// A group with a rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ranked {
    /// 1 for the first; equal values share a rank, and the next rank is left out.
    pub rank: usize,
    /// In a comparison: the rank of then, by the same rules; none for who had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_rank: Option<usize>,
    /// In a comparison: how many ranks it has risen; negative when it fell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub movement: Option<i64>,
    /// The group with the measure and with `received`.
    #[serde(flatten)]
    pub group: GroupFigures,
}

/// Why a group has no rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// Fewer received than `min_received`.
    FewReceived,
    /// Enough received, but what the measure is a share or a mean of is less than `min_received`: a mean of one rating, for example.
    FewCounted,
    /// The measure has no value there.
    NoFigure,
    /// The coordinator's desk, or provincial bodies among districts: not of the kind that is ranked.
    OtherKind,
}

/// A group without a rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unranked {
    /// Why.
    pub reason: Apart,
    /// The group with the measure and with `received`.
    #[serde(flatten)]
    pub group: GroupFigures,
}

/// Figures along time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Trend {
    /// What the figures are about.
    pub period: PeriodStatement,
    /// Of all together.
    pub total: Figures,
    /// One point for each step of the period, in order.
    pub points: Vec<Point>,
}

/// One step of a trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Point {
    /// `2024-03-05`, `2024-W12`, `2024-03`, `2024-Q1` or `2024`.
    pub key: String,
    /// First day of receipt.
    pub from: NaiveDate,
    /// Last day of receipt.
    pub to: NaiveDate,
    /// The measures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The open petitions of this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Backlog {
    /// This moment.
    pub as_of: Instant,
    /// The version of the rules of counting.
    pub rule_version: &'static str,
    /// Of all together.
    pub total: BacklogFigures,
    /// One row for each group.
    pub groups: Vec<BacklogGroup>,
}

/// Open petitions by age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BacklogFigures {
    /// Petitions with work left, reopened ones included.
    pub open: i64,
    /// Of those, past their deadline.
    pub overdue: i64,
    /// The same by age.
    pub ages: Vec<AgeClass>,
}

/// Open petitions of one age, in Vietnamese days since the day of receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgeClass {
    /// `0-5`, `6-10`, `11-20`, `21-30` or `31+`.
    pub key: &'static str,
    /// Least days.
    pub from_days: i64,
    /// Most days; null for the oldest.
    #[schema(required)]
    pub to_days: Option<i64>,
    /// Petitions with work left.
    pub open: i64,
    /// Of those, past their deadline.
    pub overdue: i64,
}

/// A row of the backlog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BacklogGroup {
    /// A code or a word.
    pub key: String,
    /// A name.
    pub name: String,
    /// Its open petitions.
    #[serde(flatten)]
    pub figures: BacklogFigures,
}

/// The petitions behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillDown {
    pub period: PeriodStatement,
    pub bucket: Measure,
    /// Its value, restricted to what the reader may see.
    pub count: i64,
    /// One page of the petitions, by day of receipt.
    pub items: Vec<PetitionBehind>,
    /// The last item of the page, if there are more.
    pub next: Option<(NaiveDate, PetitionId)>,
}

/// A petition behind a figure, as it was at the cut-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PetitionBehind {
    /// Its code.
    pub code: String,
    /// Where it stood.
    pub status: Status,
    /// Who held it; null on the coordinator's desk.
    #[schema(required)]
    pub agency: Option<CodeName>,
    /// Its category.
    #[schema(required)]
    pub category: Option<CodeName>,
    /// The commune of the case.
    #[schema(required)]
    pub area: Option<CodeName>,
    /// When it was filed.
    pub received_at: Instant,
    /// Its deadline.
    pub due_at: Instant,
    /// When the first answer was sent.
    #[schema(required)]
    pub answered_at: Option<Instant>,
    /// Whether that was in time.
    #[schema(required)]
    pub timeliness: Option<Timeliness>,
    /// The latest rating, 1–5.
    #[schema(required)]
    pub score: Option<i32>,
    /// How many times it counts in the figure: more than once where an event happened to it more than once.
    pub times: i64,
}

/// A code with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Named)]
pub struct CodeName {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}
