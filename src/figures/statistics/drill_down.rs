//! The petitions behind a figure, without personal data or texts; their number equals the figure.
//!
//! Coordinators and reviewers of the province see all of them. Officers see the petitions that their own agency counts,
//! and the number of those. A petition transferred to another agency is shown as it was at the transfer, with its new
//! agency.

use super::answer::{CodeName, DrillDown, PeriodStatement, PetitionBehind};
use super::count::{carried_cohorts, cohort, shares_of_earlier, shares_of_subject, timelines_of, unanswered_cohorts};
use super::holders::FigureHolders;
use super::parse_query::{FigureParams, QueryParser};
use super::plan::CountPlan;
use super::query::FigureQuery;
use super::walk::{PetitionAtCutOff, TimelineScope, walk};
use super::with_directory;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::Directory;
use crate::figures::rules::measure::{Measure, MeasureSource};
use crate::figures::rules::{
    AgencyShares, FigureValue, FilingFacts, GroupBy, PetitionFacts, Replay, ReplayEntry, Tally, figures,
};
use crate::figures::store::{Cohort, SettlementStatus, entries};
use crate::kernel::account::{Actor, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{AgencyId, PetitionId};
use crate::kernel::{Instant, Lang};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Number of petitions whose timelines are loaded at once.
const CHUNK: usize = 500;

/// The position of a petition in the list.
pub type DrillDownKey = (NaiveDate, PetitionId);

/// The requested page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrillDownPage {
    /// Start after this petition.
    pub after: Option<DrillDownKey>,
    /// Maximum number of items.
    pub limit: usize,
}

/// Returns the petitions behind a figure: those that the reader may see, or all of them without a reader.
///
/// # Errors
/// `Invalid` names every invalid parameter; [`ErrorCode::RoleMissing`] for an officer who asks for other agencies
/// only.
pub async fn drill_down(
    app: &App,
    reader: Option<Actor>,
    words: FigureParams,
    bucket: Option<String>,
    part: DrillDownPage,
    lang: Lang,
) -> Result<DrillDown, ServiceError> {
    with_directory(app, move |connection, directory, now| {
        let (mut question, measure) = read(directory, now, &words, bucket.as_deref())?;
        let own = match &reader {
            Some(actor) => restrict(&mut question, actor)?,
            None => None,
        };
        let holders = FigureHolders::of(&question, directory);
        let mut listing = DrillDownListing { question: &question, holders, measure, part, count: 0, found: BTreeMap::new() };
        listing.look_through(connection)?;
        if let Some(own) = own {
            listing.as_left(connection, own)?;
        }
        Ok(listing.finish(directory, lang))
    })
    .await
}

fn read(
    directory: &Directory,
    now: Instant,
    words: &FigureParams,
    bucket: Option<&str>,
) -> Result<(FigureQuery, Measure), ServiceError> {
    let mut reader = QueryParser::new(directory, now);
    let is_count = |measure: &Measure| matches!(figures::value(&Tally::default(), *measure), FigureValue::Count(_));
    let mut measure = reader.word("bucket", bucket);
    if bucket.is_none() {
        reader.refuse("bucket", FieldRule::Required);
    }
    if measure.is_some_and(|measure| !is_count(&measure)) {
        let known = Measure::ALL.iter().filter(|measure| is_count(measure)).map(ToString::to_string).collect();
        reader.refuse("bucket", FieldRule::OneOf(known));
        measure = None;
    }
    let question = reader.question(words, GroupBy::None, measure.into_iter().collect());
    Ok(reader.finish(question.zip(measure))?)
}

/// Restricts the query of an officer to the officer's own agency and returns that agency; a query for other agencies
/// only is refused.
fn restrict(question: &mut FigureQuery, actor: &Actor) -> Result<Option<AgencyId>, ErrorCode> {
    if actor.has(Role::Coordinator) || actor.has(Role::Reviewer) {
        return Ok(None);
    }
    let own: BTreeSet<_> = actor.agency_id.into_iter().collect();
    let visible = match question.filter.agencies.take() {
        Some(asked) => asked.intersection(&own).copied().collect(),
        None => own,
    };
    // An empty list for another agency's figure would look like "nothing was counted".
    if visible.is_empty() {
        return Err(ErrorCode::RoleMissing);
    }
    question.filter.agencies = Some(visible);
    Ok(actor.agency_id)
}

struct DrillDownListing<'a> {
    question: &'a FigureQuery,
    holders: FigureHolders<'a>,
    measure: Measure,
    part: DrillDownPage,
    count: i64,
    found: BTreeMap<DrillDownKey, FoundPetition>,
}

struct FoundPetition {
    code: String,
    origin: FilingFacts,
    facts: PetitionFacts,
    times: i64,
}

impl DrillDownListing<'_> {
    fn look_through(&mut self, connection: &mut DbConnection) -> Result<(), StorageError> {
        let question = self.question;
        let plan = CountPlan::without_rows(question);
        for span in &plan.days {
            let is_of_backlog = matches!(self.measure, Measure::Backlog | Measure::OpenNotDue | Measure::OpenOverdue);
            let cohorts: Vec<Cohort> = if is_of_backlog {
                unanswered_cohorts(question, *span).into()
            } else {
                vec![cohort(question, *span, SettlementStatus::Any)]
            };
            for cohort in cohorts {
                walk(connection, &cohort, timelines_of(question), |look| {
                    self.take(look, &shares_of_subject(question, look));
                })?;
            }
        }
        if let Some(span) =
            plan.carried_days.filter(|_| question.needs(MeasureSource::Flow) || question.needs(MeasureSource::HandOvers))
        {
            for cohort in carried_cohorts(question, span) {
                walk(connection, &cohort, TimelineScope::All, |look| self.take(look, &shares_of_earlier(question, look)))?;
            }
        }
        Ok(())
    }

    fn take(&mut self, look: PetitionAtCutOff<'_>, shares: &AgencyShares) {
        let counted = |(_, share)| match figures::value(share, self.measure) {
            FigureValue::Count(count) => count,
            _ => 0,
        };
        let place = look.subject().facts.area_id;
        let is_meant = |agency| self.question.filter.admits(self.holders.holder(agency, place));
        let times: i64 = shares.iter().filter(|(agency, _)| is_meant(**agency)).map(counted).sum();
        if times == 0 {
            return;
        }
        self.count += times;
        let subject = look.subject();
        let key = (subject.received_on, subject.id);
        if self.part.after.is_some_and(|after| key <= after) {
            return;
        }
        let Some(facts) = self.facts_of(look) else { return };
        self.found.insert(key, FoundPetition { code: subject.code.clone(), origin: subject.origin(), facts, times });
        // One item more than requested shows that there is a next page.
        if self.found.len() > self.part.limit.saturating_add(1) {
            self.found.pop_last();
        }
    }

    /// The facts at the cut-off.
    fn facts_of(&self, look: PetitionAtCutOff<'_>) -> Option<PetitionFacts> {
        match look {
            PetitionAtCutOff::Present(subject) => Some(subject.facts.clone()),
            PetitionAtCutOff::Past(subject, entries) => {
                let steps = Replay::new(subject.origin(), entries).take_while(|step| step.at <= self.question.as_of);
                steps.last().map(|step| step.after)
            }
        }
    }

    /// Resets petitions that the agency no longer holds to their state at the transfer.
    fn as_left(&mut self, connection: &mut DbConnection, own: AgencyId) -> Result<(), StorageError> {
        let (holders, as_of) = (&self.holders, self.question.as_of);
        let is_own = |facts: &PetitionFacts| facts.agency_id.is_some_and(|agency| holders.holder(agency, facts.area_id) == own);
        let gone: Vec<PetitionId> = self.found.iter().filter(|(_, found)| !is_own(&found.facts)).map(|(key, _)| key.1).collect();
        let mut left: HashMap<PetitionId, Vec<ReplayEntry>> = HashMap::new();
        for some in gone.chunks(CHUNK) {
            left.extend(entries(connection, some)?);
        }
        for ((_, id), found) in &mut self.found {
            let Some(entries) = left.get(id) else { continue };
            let (mut here, mut after): (Option<PetitionFacts>, Option<PetitionFacts>) = (None, None);
            for step in Replay::new(found.origin, entries).take_while(|step| step.at <= as_of) {
                if is_own(&step.after) || here.is_none() {
                    (here, after) = (Some(step.after), None);
                } else if after.is_none() {
                    after = Some(step.after);
                }
            }
            let Some(here) = here else { continue };
            let (agency_id, status) = after.map_or((here.agency_id, here.status), |after| (after.agency_id, after.status));
            found.facts = PetitionFacts { agency_id, status, ..here };
        }
        Ok(())
    }

    fn finish(mut self, directory: &Directory, lang: Lang) -> DrillDown {
        let has_more = self.found.len() > self.part.limit;
        if has_more {
            self.found.pop_last();
        }
        let next = self.found.last_key_value().map(|(key, _)| *key).filter(|_| has_more);
        DrillDown {
            period: PeriodStatement::of(self.question),
            bucket: self.measure,
            count: self.count,
            items: self.found.into_values().map(|found| view(directory, found, lang)).collect(),
            next,
        }
    }
}

fn view(directory: &Directory, found: FoundPetition, lang: Lang) -> PetitionBehind {
    let facts = found.facts;
    let named = |code: &str, name: &str| CodeName { code: code.to_owned(), name: name.to_owned() };
    let agency = facts.agency_id.and_then(|id| directory.agency(id));
    PetitionBehind {
        code: found.code,
        status: facts.status,
        agency: agency.map(|agency| named(&agency.code, &agency.name)),
        category: directory.category(facts.category_id).map(|category| named(&category.code, category.name(lang))),
        area: directory.area(facts.area_id).map(|area| named(&area.code, &area.name)),
        received_at: facts.received_at,
        due_at: facts.due_at,
        answered_at: facts.first_answered_at,
        timeliness: facts.timeliness,
        score: facts.score,
        times: found.times,
    }
}
