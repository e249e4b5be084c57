//! The petitions open now, by age and by whether they are overdue. The cost is proportional to the number of open
//! petitions.

use super::answer::{AgeClass, Backlog, BacklogFigures, BacklogGroup};
use super::count::{CellKey, cohort};
use super::groups::{GroupRow, rows};
use super::holders::FigureHolders;
use super::parse_query::{FigureParams, QueryParser};
use super::plan::LONG_AGO;
use super::query::{FigureFilter, FigureQuery};
use super::walk::{TimelineScope, walk};
use super::with_directory;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::figures::rules::period::Period;
use crate::figures::rules::{GroupBy, RULE_VERSION};
use crate::figures::store::SettlementStatus;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::{Instant, Lang};
use std::collections::BTreeMap;

/// Key, minimum and maximum age in days.
const CLASSES: [(&str, i64, Option<i64>); 5] =
    [("0-5", 0, Some(5)), ("6-10", 6, Some(10)), ("11-20", 11, Some(20)), ("21-30", 21, Some(30)), ("31+", 31, None)];

/// Open and overdue petitions per age class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct BacklogAges([(i64, i64); CLASSES.len()]);

impl std::ops::AddAssign<&Self> for BacklogAges {
    fn add_assign(&mut self, other: &Self) {
        for (sum, (open, overdue)) in self.0.iter_mut().zip(other.0) {
            sum.0 += open;
            sum.1 += overdue;
        }
    }
}

/// Returns the petitions open now.
///
/// # Errors
/// `Invalid` names every invalid parameter.
pub async fn backlog(app: &App, words: FigureParams, group_by: Option<String>, lang: Lang) -> Result<Backlog, ServiceError> {
    with_directory(app, move |connection, directory, now| {
        let question = read(directory, now, &words, group_by.as_deref())?;
        Ok(answer(connection, directory, &question, lang)?)
    })
    .await
}

/// Validates the parameters.
pub(super) fn read(
    directory: &Directory,
    now: Instant,
    words: &FigureParams,
    group_by: Option<&str>,
) -> Result<FigureQuery, ServiceError> {
    let mut reader = QueryParser::new(directory, now);
    let group_by = reader.word("group_by", group_by).unwrap_or(GroupBy::None);
    if group_by == GroupBy::Month {
        let others = GroupBy::ALL.iter().filter(|group| **group != GroupBy::Month).map(ToString::to_string);
        reader.refuse("group_by", FieldRule::OneOf(others.collect()));
    }
    let filter: Option<FigureFilter> = reader.filter(words);
    let agencies = reader.agencies_as(words);
    let today = now.local_date();
    let period = Period::new(today, today).map_err(|rule| ServiceError::invalid("as_of", rule))?;
    let question = filter.map(|filter| FigureQuery {
        period,
        as_of: now,
        now,
        filter,
        agencies,
        group_by,
        measures: Vec::new(),
        steps: Vec::new(),
    });
    Ok(reader.finish(question)?)
}

fn answer(
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
    lang: Lang,
) -> Result<Backlog, StorageError> {
    let open = open_petitions(connection, directory, question)?;
    let mut total = BacklogAges::default();
    open.values().for_each(|ages| total += ages);
    let rows = rows(directory, question, &open, lang).into_iter();
    let groups = rows.map(|GroupRow { key, name, content }| BacklogGroup { key, name, figures: figures(&content) });
    Ok(Backlog { as_of: question.as_of, rule_version: RULE_VERSION, total: figures(&total), groups: groups.collect() })
}

fn open_petitions(
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
) -> Result<BTreeMap<CellKey, BacklogAges>, StorageError> {
    let holders = FigureHolders::of(question, directory);
    let mut open: BTreeMap<CellKey, BacklogAges> = BTreeMap::new();
    let today = question.now.local_date();
    for standing in [SettlementStatus::Unsettled, SettlementStatus::ReopenedSettledBefore(Instant::end_of(today))] {
        let cohort = cohort(question, (LONG_AGO, today), standing);
        walk(connection, &cohort, TimelineScope::ChangedAfter(Instant::end_of(today)), |look| {
            let subject = look.subject();
            let holder = holders.holder(subject.facts.holder(), subject.facts.area_id);
            if !subject.facts.status.is_open() || !question.filter.admits(holder) {
                return;
            }
            let value = question.group_by.dimension().value_of(&subject.facts.traits());
            let days = (today - subject.received_on).num_days();
            let ages = open.entry(CellKey { agency_id: holder, value, step: 0 }).or_default();
            let class = CLASSES.iter().position(|(_, _, most)| most.is_none_or(|most| days <= most));
            if let Some(counts) = class.and_then(|class| ages.0.get_mut(class)) {
                counts.0 += 1;
                counts.1 += i64::from(subject.facts.due_at < question.now);
            }
        })?;
    }
    Ok(open)
}

fn figures(ages: &BacklogAges) -> BacklogFigures {
    let class = |((key, from_days, to_days), (open, overdue)): (&(&'static str, i64, Option<i64>), &(i64, i64))| AgeClass {
        key,
        from_days: *from_days,
        to_days: *to_days,
        open: *open,
        overdue: *overdue,
    };
    BacklogFigures {
        open: ages.0.iter().map(|(open, _)| open).sum(),
        overdue: ages.0.iter().map(|(_, overdue)| overdue).sum(),
        ages: CLASSES.iter().zip(&ages.0).map(class).collect(),
    }
}
