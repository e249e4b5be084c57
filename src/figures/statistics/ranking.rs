//! Rankings of groups by one measure: equal values share a rank, small groups have no rank, and the earlier rank can be
//! included.

use super::answer::{Apart, GroupFigures, PeriodStatement, Ranked, Ranking, Unranked};
use super::groups::FigureGroup;
use super::parse_query::{COORDINATION_KEY, FigureParams, QueryParser};
use super::query::FigureQuery;
use super::summary::{earlier, tallies};
use super::with_directory;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory::rules::area::Level;
use crate::directory::rules::directory::Directory;
use crate::figures::rules::measure::Measure;
use crate::figures::rules::period::TrendStep;
use crate::figures::rules::{CompareWith, GroupBy, Order, figures};
use crate::kernel::field_problem::FieldRule;
use crate::kernel::{Instant, Lang};

const USUAL_LIMIT: i64 = 5;
const MOST_RANKS: i64 = 300;
const USUAL_LEAST_RECEIVED: i64 = 10;

/// The unparsed parameters of a ranking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RankingParams {
    /// The filter.
    pub words: FigureParams,
    pub measure: Option<String>,
    pub order: Option<String>,
    /// Number of ranks.
    pub limit: Option<String>,
    /// Groups that received fewer petitions have no rank.
    pub min_received: Option<String>,
    pub group_by: Option<String>,
    /// The earlier period for comparing ranks.
    pub compare: Option<String>,
}

#[derive(Debug)]
struct RankingRequest {
    question: FigureQuery,
    measure: Measure,
    order: Order,
    limit: usize,
    min_received: i64,
    compare: Option<CompareWith>,
}

/// Returns a ranking.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub async fn ranking(app: &App, asked: RankingParams, lang: Lang) -> Result<Ranking, ServiceError> {
    with_directory(app, move |connection, directory, now| {
        let wanted = read(directory, now, &asked)?;
        let groups = tallies(connection, directory, &wanted.question, lang)?.groups;
        let mut ranking = rank(directory, &wanted, &groups);
        if let Some(with) = wanted.compare {
            let then = RankingRequest { question: earlier(&wanted.question, with), limit: usize::MAX, ..wanted };
            let groups = tallies(connection, directory, &then.question, lang)?.groups;
            move_against(&mut ranking, rank(directory, &then, &groups));
        }
        Ok(ranking)
    })
    .await
}

/// Returns the queries that a ranking counts.
pub(super) fn questions(directory: &Directory, now: Instant, asked: &RankingParams) -> Result<Vec<FigureQuery>, ServiceError> {
    let wanted = read(directory, now, asked)?;
    let then = wanted.compare.map(|with| earlier(&wanted.question, with));
    Ok(std::iter::once(wanted.question).chain(then).collect())
}

fn read(directory: &Directory, now: Instant, asked: &RankingParams) -> Result<RankingRequest, ServiceError> {
    let mut reader = QueryParser::new(directory, now);
    let measure = reader.word("measure", asked.measure.as_deref()).unwrap_or(Measure::HandlingRate);
    if !measure.is_one_number() {
        let rankable = Measure::ALL.iter().filter(|measure| measure.is_one_number()).map(ToString::to_string);
        reader.refuse("measure", FieldRule::OneOf(rankable.collect()));
    }
    let group_by = reader.word("group_by", asked.group_by.as_deref()).unwrap_or(GroupBy::Agency);
    if group_by == GroupBy::None {
        let others = GroupBy::ALL.iter().filter(|group| **group != GroupBy::None).map(ToString::to_string);
        reader.refuse("group_by", FieldRule::OneOf(others.collect()));
    }
    let order = reader.word("order", asked.order.as_deref()).unwrap_or(Order::Best);
    let limit = reader.number("limit", asked.limit.as_deref(), USUAL_LIMIT, 1, MOST_RANKS);
    let min_received = reader.number("min_received", asked.min_received.as_deref(), USUAL_LEAST_RECEIVED, 0, i64::from(i32::MAX));
    let compare = reader.word("compare", asked.compare.as_deref());
    let mut measures = vec![measure];
    // The denominator is shown beside the figure.
    for basis in [measure.basis(), Measure::Received] {
        if !measures.contains(&basis) {
            measures.push(basis);
        }
    }
    let question = reader.question(&asked.words, group_by, measures).map(|mut question| {
        if group_by == GroupBy::Month {
            question.steps = question.period.split(TrendStep::Month);
        }
        question
    });
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(reader.finish(question.map(|question| RankingRequest { question, measure, order, limit, min_received, compare }))?)
}

fn rank(directory: &Directory, wanted: &RankingRequest, groups: &[FigureGroup]) -> Ranking {
    let measures = &wanted.question.measures;
    let (mut valued, mut apart) = (Vec::new(), Vec::new());
    for group in groups {
        let figures = GroupFigures::of(group, measures);
        let value = figures.figures.get(wanted.measure).and_then(figures::FigureValue::as_number);
        match (reason(directory, wanted, group), value) {
            (None, Some(value)) => valued.push((value, figures)),
            (None, None) => apart.push(Unranked { reason: Apart::NoFigure, group: figures }),
            (Some(reason), _) => apart.push(Unranked { reason, group: figures }),
        }
    }
    let rises = wanted.measure.less_is_better() == (wanted.order == Order::Best);
    // The sort is stable, so equal values keep the directory order.
    valued.sort_by(|(a, _), (b, _)| if rises { a.cmp(b) } else { b.cmp(a) });
    let mut items: Vec<Ranked> = Vec::new();
    let mut before = None;
    let ranked = valued.len();
    for (place, (value, group)) in valued.into_iter().enumerate() {
        let rank = match (before, items.last()) {
            (Some(before), Some(last)) if before == value => last.rank,
            _ => place + 1,
        };
        if rank > wanted.limit {
            break;
        }
        before = Some(value);
        items.push(Ranked { rank, previous_rank: None, movement: None, group });
    }
    Ranking {
        period: PeriodStatement::of(&wanted.question),
        measure: wanted.measure,
        less_is_better: wanted.measure.less_is_better(),
        order: wanted.order,
        min_received: wanted.min_received,
        limit: wanted.limit,
        left_off: ranked - items.len(),
        items,
        apart,
        compared_with: None,
    }
}

/// Adds to each ranked group its earlier rank; a group without earlier rank has no movement.
fn move_against(ranking: &mut Ranking, then: Ranking) {
    for item in &mut ranking.items {
        let before = then.items.iter().find(|other| other.group.key == item.group.key);
        item.previous_rank = before.map(|before| before.rank);
        item.movement = before.and_then(|before| Some(i64::try_from(before.rank).ok()? - i64::try_from(item.rank).ok()?));
    }
    ranking.compared_with = Some(then.period);
}

/// Whether the denominator is too small: the mean of a single rating must not lead the ranking.
fn is_few(basis: figures::FigureValue, least: i64) -> bool {
    matches!(basis, figures::FigureValue::Count(count) if 0 < count && count < least)
}

/// Returns why a group has no rank, if it has none.
fn reason(directory: &Directory, wanted: &RankingRequest, group: &FigureGroup) -> Option<Apart> {
    let is_province = |key: &str| directory.areas().iter().any(|area| area.code == key && area.level() == Level::Province);
    let is_desk = wanted.question.group_by.is_of_agencies() && group.key == COORDINATION_KEY;
    if is_desk || (wanted.question.group_by == GroupBy::District && is_province(&group.key)) {
        Some(Apart::OtherKind)
    } else if group.tally.period.received < wanted.min_received {
        Some(Apart::FewReceived)
    } else if is_few(figures::value(&group.tally, wanted.measure.basis()), wanted.min_received) {
        Some(Apart::FewCounted)
    } else {
        None
    }
}
