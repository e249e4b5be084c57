//! What can be said of a question before it is counted: how much it costs, and how long its answer stays as it is.
//!
//! Rule: an answer may be given again only where a fresh one would be the same. Once a cut-off is past, what happens later changes
//! nothing about it; only a change of the directory does, and an import of old petitions, which raises the directory's version for
//! that reason. Any other answer is shared only by those who ask while nothing has happened since it was asked for.

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

/// A cut-off is past when it is so long ago that no step of that time can still be on its way into the database.
const PAST: Duration = Duration::hours(1);
/// So many days that are counted petition by petition cost as much as a plain request.
const DAYS: i64 = 10;
/// So many parts that are counted one by one do.
const PARTS: usize = 10;
/// What the open petitions cost, whatever is asked of them.
const BACKLOG: i64 = 10;
/// Nothing was received earlier.
const FIRST: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A question in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryKind {
    /// A summary.
    Summary(SummaryParams),
    /// A ranking.
    Ranking(RankingParams),
    /// A trend.
    Trend(TrendParams),
    /// The open petitions, by the groups of the second.
    Backlog(FigureParams, Option<String>),
}

/// What can be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryEstimate {
    /// How many plain requests it costs as much as.
    pub weight: u32,
    /// Whether nothing that happens from now on changes the answer.
    pub is_settled: bool,
    /// Stays the same for as long as the answer does; of a question that is not settled, as nothing has happened.
    pub mark: String,
}

/// Looks at a question without counting.
///
/// # Errors
/// `Invalid` names every word that makes no sense.
pub async fn estimate(app: &App, asked: QueryKind) -> Result<QueryEstimate, ServiceError> {
    let (app_, now) = (app.clone(), app.now());
    app.db
        .read(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let questions = questions(&directory, now, &asked)?;
            let is_settled =
                !matches!(asked, QueryKind::Backlog(..)) && questions.iter().all(|question| question.as_of.plus(PAST) <= now);
            // Which agencies have whose tasks depends on the day.
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

/// The questions that have to be counted for an answer.
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

/// How much a question costs: where kept sums answer it, next to nothing.
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

/// How many days of receipt are counted petition by petition.
fn days_of(question: &FigureQuery) -> i64 {
    let plan = CountPlan::of(question);
    let length = |(from, to): (NaiveDate, NaiveDate)| ((to - from.max(FIRST)).num_days() + 1).max(0);
    let has_flows =
        question.steps.is_empty() && (question.needs(MeasureSource::Flow) || question.needs(MeasureSource::HandOvers));
    let carried = plan.carried_days.filter(|_| has_flows).map_or(0, length);
    plan.days.iter().copied().map(length).sum::<i64>() + carried
}
