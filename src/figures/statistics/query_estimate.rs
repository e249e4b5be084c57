//! Estimates a query before counting: its cost, and how long its result stays valid.
//!
//! A result may be cached only where a fresh one would be the same. Once the cut-off is past, later events do not
//! change the result; only a change of the directory does, or an import of old petitions, which therefore increments
//! the directory version. Any other result is shared only among requests that arrive while no event has happened since.

use super::backlog;
use super::parse_query::FigureParams;
use super::plan::CountPlan;
use super::query::FigureQuery;
use super::ranking::{self, RankingParams};
use super::summary::{SummaryParams, is_of_steps, read_summary};
use super::trend::{self, TrendParams};
use crate::app::App;
use crate::db::dialect;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::figures::rules::measure::MeasureSource;
use crate::kernel::Instant;
use chrono::{Duration, NaiveDate};

/// A cut-off counts as past when no event of that time can still be on its way into the database.
const PAST: Duration = Duration::hours(1);
/// This many days counted petition by petition cost as much as a plain request.
const DAYS: i64 = 10;
/// This many sub-periods counted one by one cost as much as a plain request.
const PARTS: usize = 10;
/// The cost of any backlog query.
const BACKLOG: i64 = 10;
/// Nothing was received earlier.
const FIRST: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// An unparsed query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryKind {
    Summary(SummaryParams),
    Ranking(RankingParams),
    Trend(TrendParams),
    /// The open petitions, with the `group_by` parameter.
    Backlog(FigureParams, Option<String>),
}

/// The estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryEstimate {
    /// The cost as a number of plain requests.
    pub weight: u32,
    /// Whether no later event changes the result.
    pub is_settled: bool,
    /// A cache key that stays the same as long as the result does; if not settled, as long as no event happens.
    pub mark: String,
}

/// Estimates a query without counting.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub async fn estimate(app: &App, asked: QueryKind) -> Result<QueryEstimate, ServiceError> {
    let (app_, now) = (app.clone(), app.now());
    app.db
        .read(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let questions = questions(&directory, now, &asked)?;
            let is_settled =
                !matches!(asked, QueryKind::Backlog(..)) && questions.iter().all(|question| question.as_of.plus(PAST) <= now);
            // Successor agencies depend on the day.
            let (version, today) = (directory.version(), now.local_date());
            let mark = match is_settled {
                true => format!("{version} {today}"),
                false => format!("{version} {today} {}", dialect::timeline_version::timeline_version(connection)?),
            };
            let cost = match asked {
                QueryKind::Backlog(..) => BACKLOG,
                _ => questions.iter().map(cost).sum(),
            };
            Ok(QueryEstimate { weight: u32::try_from(1 + cost).unwrap_or(u32::MAX), is_settled, mark })
        })
        .await
}

/// The queries to count for a result.
fn questions(directory: &Directory, now: Instant, asked: &QueryKind) -> Result<Vec<FigureQuery>, ServiceError> {
    Ok(match asked {
        QueryKind::Summary(words) => {
            let read = read_summary(directory, now, words)?;
            std::iter::once(read.question).chain(read.then).collect()
        }
        QueryKind::Ranking(words) => ranking::questions(directory, now, words)?,
        QueryKind::Trend(words) => vec![trend::read(directory, now, words)?],
        QueryKind::Backlog(words, group_by) => vec![backlog::read(directory, now, words, group_by.as_deref())?],
    })
}

/// The cost of a query: almost nothing where stored sums are used.
fn cost(question: &FigureQuery) -> i64 {
    let has_parts = !question.steps.is_empty() && question.measures.iter().any(|measure| is_of_steps(*measure));
    let mut whole = question.clone();
    if has_parts {
        whole.measures.retain(|measure| !is_of_steps(*measure));
    }
    let mut days = days_of(&whole);
    if has_parts {
        for part in question.steps.iter().map(|step| step.period).chain([question.period]) {
            let as_of = part.ends_at().min(question.as_of);
            days += days_of(&FigureQuery { period: part, as_of, steps: Vec::new(), ..question.clone() });
        }
    }
    days / DAYS + i64::try_from(question.steps.len() / PARTS).unwrap_or(i64::MAX)
}

/// The number of days of receipt that are counted petition by petition.
fn days_of(question: &FigureQuery) -> i64 {
    let plan = CountPlan::of(question);
    let length = |(from, to): (NaiveDate, NaiveDate)| ((to - from.max(FIRST)).num_days() + 1).max(0);
    let has_flows =
        question.steps.is_empty() && (question.needs(MeasureSource::Flow) || question.needs(MeasureSource::HandOvers));
    let carried = plan.carried_days.filter(|_| has_flows).map_or(0, length);
    plan.days.iter().copied().map(length).sum::<i64>() + carried
}
