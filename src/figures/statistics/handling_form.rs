//! The counts of Biểu II.06a/VPCP/KSTT (Circular 01/2020/TT-VPCP): received, handled and open petitions per row.
//!
//! Takes request parameters; returns a [`HandlingForm`] whose columns add up by construction: every petition, as of the
//! cut-off, adds one to exactly one input column (online, direct, carried over) and to exactly one output column
//! (early, on time, late, not due, overdue) of one row, that of its holder or category. *Carried* means received before
//! the period and not first answered before it began; *handled* means first answered. A petition answered before the
//! period does not reappear after a reopening, whoever holds it now.

use super::answer::PeriodStatement;
use super::count::{CellKey, cohort, count};
use super::groups::rows;
use super::holders::FigureHolders;
use super::parse_query::{FigureParams, QueryParser};
use super::plan::{LONG_AGO, day_before};
use super::query::FigureQuery;
use super::walk::{PetitionAtCutOff, TimelineScope, walk};
use super::with_directory;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::area::Level;
use crate::directory::rules::directory::Directory;
use crate::figures::rules::measure::Measure;
use crate::figures::rules::tally::share_of_facts;
use crate::figures::rules::{Dimension, FigureValue, GroupBy, PetitionFacts, Replay, Tally, figures};
use crate::figures::store::{CohortMember, SettlementStatus};
use crate::kernel::Lang;
use crate::kernel::field_problem::FieldRule;
use crate::petitions::rules::Channel;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Channels in which agency staff entered the petition.
const DIRECT: [Channel; 2] = [Channel::Phone, Channel::Counter];

/// The supported groupings of the form.
const DIVISIONS: [GroupBy; 2] = [GroupBy::Agency, GroupBy::Category];

const MEASURES: [Measure; 7] = [
    Measure::Received,
    Measure::Handled,
    Measure::HandledEarly,
    Measure::HandledOnTime,
    Measure::HandledLate,
    Measure::OpenNotDue,
    Measure::OpenOverdue,
];

/// The counts of one row; the numbers are the columns of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HandlingCounts {
    /// (4) Received in the period over the internet.
    pub online: i64,
    /// (5) Received in the period at the counter or by phone.
    pub direct: i64,
    /// (6) Carried over from before the period.
    pub carried: i64,
    /// (8) Handled before the due day.
    pub early: i64,
    /// (9) Handled on the due day.
    pub on_time: i64,
    /// (10) Handled late.
    pub late: i64,
    /// (12) Open and not due.
    pub not_due: i64,
    /// (13) Open and overdue.
    pub overdue: i64,
}

impl HandlingCounts {
    /// (3) Returns the total to handle: 4 + 5 + 6.
    #[must_use]
    pub const fn to_handle(&self) -> i64 {
        self.online + self.direct + self.carried
    }

    /// (7) Returns the total handled: 8 + 9 + 10.
    #[must_use]
    pub const fn handled(&self) -> i64 {
        self.early + self.on_time + self.late
    }

    /// (11) Returns the total open: 12 + 13.
    #[must_use]
    pub const fn open(&self) -> i64 {
        self.not_due + self.overdue
    }

    /// Columns 8 to 13 of a tally.
    fn work(tally: &Tally) -> Self {
        let of = |measure| number(tally, measure);
        Self {
            early: of(Measure::HandledEarly),
            on_time: of(Measure::HandledOnTime),
            late: of(Measure::HandledLate),
            not_due: of(Measure::OpenNotDue),
            overdue: of(Measure::OpenOverdue),
            ..Self::default()
        }
    }
}

impl AddAssign<&Self> for HandlingCounts {
    fn add_assign(&mut self, other: &Self) {
        self.online += other.online;
        self.direct += other.direct;
        self.carried += other.carried;
        self.early += other.early;
        self.on_time += other.on_time;
        self.late += other.late;
        self.not_due += other.not_due;
        self.overdue += other.overdue;
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlingRow {
    /// Code of the agency or category.
    pub key: String,
    pub name: String,
    /// The level of the agency; `None` for a category and for the coordinator's desk.
    pub level: Option<Level>,
    pub counts: HandlingCounts,
}

/// The form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlingForm {
    pub period: PeriodStatement,
    /// Agencies or categories.
    pub by: GroupBy,
    /// One row per agency or category with any count; agencies by level, the province first.
    pub rows: Vec<HandlingRow>,
    /// The sum of the rows.
    pub total: HandlingCounts,
}

/// Computes the form, by agency unless `group_by` says otherwise.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub async fn handling_form(app: &App, words: FigureParams, group_by: Option<String>) -> Result<HandlingForm, ServiceError> {
    with_directory(app, move |connection, directory, now| {
        let mut reader = QueryParser::new(directory, now);
        let mut by = reader.word("group_by", group_by.as_deref());
        if by.is_some_and(|by| !DIVISIONS.contains(&by)) {
            reader.refuse("group_by", FieldRule::OneOf(DIVISIONS.iter().map(ToString::to_string).collect()));
            by = None;
        }
        let question = reader.question(&words, by.unwrap_or(GroupBy::Agency), MEASURES.to_vec());
        let question = reader.finish(question)?;
        Ok(fill(connection, directory, &question)?)
    })
    .await
}

fn fill(connection: &mut DbConnection, directory: &Directory, question: &FigureQuery) -> Result<HandlingForm, StorageError> {
    let mut cells: BTreeMap<CellKey, HandlingCounts> = BTreeMap::new();
    for (cell, tally) in count(connection, directory, question)? {
        let counts = HandlingCounts { online: number(&tally, Measure::Received), ..HandlingCounts::work(&tally) };
        *cells.entry(cell).or_default() += &counts;
    }
    for channel in DIRECT {
        let mut typed = FigureQuery { measures: vec![Measure::Received], ..question.clone() };
        if typed.filter.channel.replace(channel).is_none_or(|wanted| wanted == channel) {
            for (cell, tally) in count(connection, directory, &typed)? {
                let direct = number(&tally, Measure::Received);
                *cells.entry(cell).or_default() += &HandlingCounts { direct, online: -direct, ..HandlingCounts::default() };
            }
        }
    }
    carried(connection, directory, question, &mut cells)?;
    let mut listed: Vec<HandlingRow> = rows(directory, question, &cells, Lang::Vi)
        .into_iter()
        .filter(|row| row.content != HandlingCounts::default())
        .map(|row| {
            let level = directory.agencies_of_code(&row.key).last().map(|agency| agency.level);
            let level = level.filter(|_| question.group_by == GroupBy::Agency);
            HandlingRow { key: row.key, name: row.name, level, counts: row.content }
        })
        .collect();
    let place = |level: Option<Level>| level.map_or(Level::ALL.len(), rank);
    listed.sort_by_key(|row| place(row.level));
    let mut total = HandlingCounts::default();
    listed.iter().for_each(|row| total += &row.counts);
    Ok(HandlingForm { period: PeriodStatement::of(question), by: question.group_by, rows: listed, total })
}

fn rank(level: Level) -> usize {
    Level::ALL.iter().position(|other| *other == level).unwrap_or_default()
}

/// Counts the carried-over petitions one by one, as of the cut-off. Sums are not enough: they say how many petitions an
/// agency had answered when the period began, but not which of those it still holds.
fn carried(
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
    cells: &mut BTreeMap<CellKey, HandlingCounts>,
) -> Result<(), StorageError> {
    let holders = FigureHolders::of(question, directory);
    let before = (LONG_AGO, day_before(question.period.from()));
    for standing in [SettlementStatus::Unsettled, SettlementStatus::SettledFrom(question.period.starts_at())] {
        walk(connection, &cohort(question, before, standing), TimelineScope::ChangedAfter(question.as_of), |look| {
            let Some(facts) = facts_at_cut_off(look, question) else { return };
            let agency_id = holders.holder(facts.holder(), facts.area_id);
            if !facts.status.is_valid() || !question.filter.admits(agency_id) {
                return;
            }
            let value = value_of(look.subject(), question);
            let counts = HandlingCounts::work(&share_of_facts(&facts, question.as_of));
            *cells.entry(CellKey { agency_id, value, step: 0 }).or_default() += &HandlingCounts { carried: 1, ..counts };
        })?;
    }
    Ok(())
}

fn facts_at_cut_off(look: PetitionAtCutOff<'_>, question: &FigureQuery) -> Option<PetitionFacts> {
    match look {
        PetitionAtCutOff::Present(subject) => Some(subject.facts.clone()),
        PetitionAtCutOff::Past(subject, entries) => {
            let steps = Replay::new(subject.origin(), entries).take_while(|step| step.at <= question.as_of);
            steps.last().map(|step| step.after)
        }
    }
}

fn value_of(subject: &CohortMember, question: &FigureQuery) -> String {
    match question.group_by.dimension() {
        Dimension::All => String::new(),
        dimension => dimension.value_of(&subject.facts.traits()),
    }
}

fn number(tally: &Tally, measure: Measure) -> i64 {
    match figures::value(tally, measure) {
        FigureValue::Count(count) => count,
        _ => 0,
    }
}
