//! The figures of a period, in total and by group, optionally compared with an earlier period.

use super::answer::{Comparison, GroupFigures, PeriodStatement, Summary};
use super::count::{CellTallies, count, count_without_rows};
use super::groups::{FigureGroup, groups, total};
use super::parse_query::{FigureParams, QueryParser};
use super::query::FigureQuery;
use super::with_directory;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::figures::rules::measure::{Measure, MeasureSource};
use crate::figures::rules::period::{Period, TrendStep};
use crate::figures::rules::{CompareWith, GroupBy, Tally};
use crate::kernel::field_problem::FieldRule;
use crate::kernel::{Instant, Lang};
use chrono::{Duration, Months};
use std::collections::{HashMap, HashSet};

/// Maximum number of sub-periods with flow measures, because each of them scans the whole past.
pub(super) const MOST_FLOW_STEPS: usize = 60;

/// The unparsed parameters of a summary.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SummaryParams {
    /// The filter.
    pub words: FigureParams,
    pub group_by: Option<String>,
    pub measures: Option<String>,
    /// The earlier period for comparison.
    pub compare: Option<String>,
}

/// Returns the figures of a period.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub async fn summary(app: &App, asked: SummaryParams, lang: Lang) -> Result<Summary, ServiceError> {
    with_directory(app, move |connection, directory, now| {
        let read = read_summary(directory, now, &asked)?;
        Ok(answer_summary(connection, directory, &read, lang)?)
    })
    .await
}

/// A validated request for a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedSummary {
    pub question: FigureQuery,
    pub compare: Option<CompareWith>,
    /// The same query for the earlier period.
    pub then: Option<FigureQuery>,
}

/// Validates the parameters.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub fn read_summary(directory: &Directory, now: Instant, asked: &SummaryParams) -> Result<CheckedSummary, ServiceError> {
    let (question, compare) = read(directory, now, asked)?;
    let then = compare.map(|with| earlier(&question, with));
    Ok(CheckedSummary { question, compare, then })
}

/// Computes the summary.
pub fn answer_summary(
    connection: &mut DbConnection,
    directory: &Directory,
    CheckedSummary { question, then, .. }: &CheckedSummary,
    lang: Lang,
) -> Result<Summary, StorageError> {
    answer_by(count, connection, directory, (question, then.as_ref()), lang)
}

/// Computes the summary from petitions and timelines only, ignoring the stored sums.
pub fn recount_summary(
    connection: &mut DbConnection,
    directory: &Directory,
    CheckedSummary { question, then, .. }: &CheckedSummary,
    lang: Lang,
) -> Result<Summary, StorageError> {
    answer_by(count_without_rows, connection, directory, (question, then.as_ref()), lang)
}

/// A counting function.
type CountFn = fn(&mut DbConnection, &Directory, &FigureQuery) -> Result<CellTallies, StorageError>;

fn answer_by(
    counter: CountFn,
    connection: &mut DbConnection,
    directory: &Directory,
    (question, then): (&FigureQuery, Option<&FigureQuery>),
    lang: Lang,
) -> Result<Summary, StorageError> {
    let now = tallies_by(counter, connection, directory, question, lang)?;
    let comparison = match then {
        None => None,
        Some(then) => {
            let before = tallies_by(counter, connection, directory, then, lang)?;
            Some(comparison(question, &now, then, before))
        }
    };
    Ok(Summary {
        period: PeriodStatement::of(question),
        total: now.total.figures(&question.measures),
        groups: now.groups.iter().map(|group| GroupFigures::of(group, &question.measures)).collect(),
        comparison,
    })
}

fn read(directory: &Directory, now: Instant, asked: &SummaryParams) -> Result<(FigureQuery, Option<CompareWith>), ServiceError> {
    let mut reader = QueryParser::new(directory, now);
    let group_by = reader.word("group_by", asked.group_by.as_deref()).unwrap_or(GroupBy::None);
    let compare = reader.word("compare", asked.compare.as_deref());
    let measures = reader.measures(asked.measures.as_deref(), Measure::defaults);
    let mut question = reader.question(&asked.words, group_by, measures);
    if let Some(question) = question.as_mut().filter(|question| question.group_by == GroupBy::Month) {
        question.steps = question.period.split(TrendStep::Month);
        check_flow_steps(&mut reader, question, asked.measures.is_some());
    }
    Ok(reader.finish(question.map(|question| (question, compare)))?)
}

/// Drops default flow measures where they would be too expensive, and refuses explicitly requested ones.
pub(super) fn check_flow_steps(reader: &mut QueryParser<'_>, question: &mut FigureQuery, is_asked: bool) {
    let is_flow = |measure: &Measure| matches!(measure.source(), MeasureSource::Flow | MeasureSource::HandOvers);
    if question.steps.len() <= MOST_FLOW_STEPS || !question.measures.iter().any(is_flow) {
        return;
    }
    if is_asked {
        let others = Measure::ALL.iter().filter(|measure| !is_flow(measure)).map(ToString::to_string).collect();
        reader.refuse("measures", FieldRule::OneOf(others));
    } else {
        question.measures.retain(|measure| !is_flow(measure));
    }
}

/// The tallies of a result.
pub(super) struct GroupTallies {
    pub total: FigureGroup,
    pub groups: Vec<FigureGroup>,
}

/// Returns the total and the groups of a query.
pub(super) fn tallies(
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
    lang: Lang,
) -> Result<GroupTallies, StorageError> {
    tallies_by(count, connection, directory, question, lang)
}

fn tallies_by(
    counter: CountFn,
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
    lang: Lang,
) -> Result<GroupTallies, StorageError> {
    let has_flow_steps = !question.steps.is_empty() && question.measures.iter().any(|measure| is_of_steps(*measure));
    let mut state = question.clone();
    if has_flow_steps {
        state.measures.retain(|measure| !is_of_steps(*measure));
    }
    let cells = counter(connection, directory, &state)?;
    let mut total = FigureGroup { key: String::new(), name: String::new(), tally: total(&cells), flow: None };
    let mut groups = groups(directory, question, &cells, lang);
    if has_flow_steps {
        total.flow = Some(flow_of(counter, connection, directory, question, question.period)?);
        for (group, step) in groups.iter_mut().zip(&question.steps) {
            group.flow = Some(flow_of(counter, connection, directory, question, step.period)?);
        }
    }
    Ok(GroupTallies { total, groups })
}

/// Returns whether a measure is counted separately for each sub-period.
pub(super) const fn is_of_steps(measure: Measure) -> bool {
    matches!(measure.source(), MeasureSource::Flow | MeasureSource::HandOvers)
}

/// The flows of a sub-period run from its first to its last day, those of the whole period to the cut-off.
fn flow_of(
    counter: CountFn,
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
    period: Period,
) -> Result<Tally, StorageError> {
    if period.starts_at() > question.as_of {
        return Ok(Tally::default());
    }
    let is_last = period.to() == question.period.to();
    let as_of = if is_last { question.as_of } else { period.ends_at().min(question.as_of) };
    let measures = question.measures.iter().copied().filter(|measure| is_of_steps(*measure)).collect();
    let part = FigureQuery { period, as_of, measures, steps: Vec::new(), group_by: GroupBy::None, ..question.clone() };
    Ok(total(&counter(connection, directory, &part)?))
}

/// Returns the same query for an earlier period. A cut-off other than the end of the period is shifted with it, so that
/// both periods had the same time; a day that is not over yet counts as a whole day then.
pub(super) fn earlier(question: &FigureQuery, with: CompareWith) -> FigureQuery {
    let cut_off = if question.as_of >= question.now { Instant::end_of(question.now.local_date()) } else { question.as_of };
    let back = |instant: Instant| match with {
        CompareWith::Previous => {
            let days = i64::try_from(question.period.days()).unwrap_or_default();
            instant.plus(-Duration::days(days))
        }
        CompareWith::Year => instant.local().checked_sub_months(Months::new(12)).map_or(instant, Instant::from_local),
    };
    let period = match with {
        CompareWith::Previous => question.period.previous(),
        CompareWith::Year => question.period.year_earlier(),
    };
    let as_of = if question.as_of == question.period.ends_at() { period.ends_at() } else { back(cut_off) };
    let steps = if question.steps.is_empty() { Vec::new() } else { period.split(TrendStep::Month) };
    FigureQuery { period, as_of, steps, ..question.clone() }
}

fn comparison(question: &FigureQuery, now: &GroupTallies, then: &FigureQuery, before: GroupTallies) -> Comparison {
    let total = before.total.figures(&question.measures);
    Comparison {
        period: PeriodStatement::of(then),
        change: now.total.figures(&question.measures).minus(&total),
        total,
        groups: side_by_side(question, &now.groups, before.groups),
    }
}

/// Pairs current and earlier groups and keeps groups that exist only now; months are paired by position, others by
/// key.
fn side_by_side(question: &FigureQuery, now: &[FigureGroup], mut then: Vec<FigureGroup>) -> Vec<GroupFigures> {
    let is_month = question.group_by == GroupBy::Month;
    if !is_month {
        let keys: HashSet<String> = then.iter().map(|group| group.key.clone()).collect();
        let only_now = now.iter().filter(|group| !keys.contains(&group.key));
        then.extend(only_now.map(|group| FigureGroup { tally: Tally::default(), flow: None, ..group.clone() }));
    }
    let nothing = FigureGroup { key: String::new(), name: String::new(), tally: Tally::default(), flow: None };
    let by_key: HashMap<&str, &FigureGroup> = now.iter().map(|group| (group.key.as_str(), group)).collect();
    let row = |(place, group): (usize, &FigureGroup)| {
        let counterpart = if is_month { now.get(place) } else { by_key.get(group.key.as_str()).copied() };
        let figures = group.figures(&question.measures);
        let of_now = counterpart.unwrap_or(&nothing).figures(&question.measures);
        let change = Some(of_now.minus(&figures));
        GroupFigures { key: group.key.clone(), name: group.name.clone(), figures, change }
    };
    then.iter().enumerate().map(row).collect()
}
