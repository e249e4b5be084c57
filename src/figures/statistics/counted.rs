//! The petitions that a question counts, one by one and as they were at its cut-off, whatever the measure.
//!
//! Enter a question and some days of receipt, leave petitions. Rule: who is visited depends on the question and on the history up
//! to the cut-off alone, never on what happened later, so that the same question visits the same petitions at any time.

use super::count::{carried_cohorts, cohort, shares_of_earlier, shares_of_subject, timelines_of};
use super::holders::FigureHolders;
use super::parse_query::{COORDINATION_KEY, district_key};
use super::plan::{DaySpan, day_before};
use super::query::FigureQuery;
use super::walk::{PetitionAtCutOff, TimelineScope, walk};
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::directory::{Directory, DirectoryEntry};
use crate::figures::rules::measure::MeasureSource;
use crate::figures::rules::{COORDINATION, PetitionFacts, Replay, Tally};
use crate::figures::store::SettlementStatus;
use crate::kernel::ids::AgencyId;

/// A petition that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedPetition {
    /// Its code.
    pub code: String,
    /// Whether it was received before the period.
    pub is_carried: bool,
    /// Code of the agency in whose figures it is.
    pub agency: String,
    /// Code of the district of that agency.
    pub district: String,
    /// Code of its category.
    pub category: String,
    /// Code of the commune of the case.
    pub area: String,
    /// What was true of it at the cut-off.
    pub facts: PetitionFacts,
}

/// Every petition that a question counts and that was received on these days, by day of receipt within and before the period.
pub fn counted(
    connection: &mut DbConnection,
    directory: &Directory,
    question: &FigureQuery,
    (from, to): DaySpan,
) -> Result<Vec<CountedPetition>, StorageError> {
    let mut finding = PetitionCounter { directory, question, holders: FigureHolders::of(question, directory), found: Vec::new() };
    let (begin, last) = (question.period.from(), question.period.to().min(question.as_of.local_date()));
    let inside = (from.max(begin), to.min(last));
    if inside.0 <= inside.1 {
        walk(connection, &cohort(question, inside, SettlementStatus::Any), timelines_of(question), |look| {
            finding.take_received(look)
        })?;
    }
    let before = (from, to.min(day_before(begin)));
    if before.0 <= before.1 && counts_flows(question) {
        for cohort in carried_cohorts(question, before) {
            walk(connection, &cohort, TimelineScope::All, |look| finding.take_carried(look))?;
        }
    }
    Ok(finding.found)
}

/// Whether petitions received before the period count at all.
#[must_use]
pub fn counts_flows(question: &FigureQuery) -> bool {
    question.needs(MeasureSource::Flow) || question.needs(MeasureSource::HandOvers)
}

struct PetitionCounter<'a> {
    directory: &'a Directory,
    question: &'a FigureQuery,
    holders: FigureHolders<'a>,
    found: Vec<CountedPetition>,
}

impl PetitionCounter<'_> {
    fn take_received(&mut self, look: PetitionAtCutOff<'_>) {
        let Some(facts) = self.facts_of(look) else { return };
        let counts = if self.question.needs(MeasureSource::HandOvers) {
            // Who handed it on counts that, too.
            self.counts_somewhere(&facts, &shares_of_subject(self.question, look))
        } else {
            self.question.filter.admits(self.holders.holder(facts.holder(), facts.area_id))
        };
        if counts {
            self.put(look, facts, false);
        }
    }

    fn take_carried(&mut self, look: PetitionAtCutOff<'_>) {
        let Some(facts) = self.facts_of(look) else { return };
        if self.counts_somewhere(&facts, &shares_of_earlier(self.question, look)) {
            self.put(look, facts, true);
        }
    }

    fn counts_somewhere(&self, facts: &PetitionFacts, shares: &crate::figures::rules::AgencyShares) -> bool {
        let is_meant = |agency: AgencyId| self.question.filter.admits(self.holders.holder(agency, facts.area_id));
        shares.iter().any(|(agency, share)| *share != Tally::default() && is_meant(*agency))
    }

    /// The facts at the cut-off; none of what was received later.
    fn facts_of(&self, look: PetitionAtCutOff<'_>) -> Option<PetitionFacts> {
        match look {
            PetitionAtCutOff::Present(subject) => Some(subject.facts.clone()),
            PetitionAtCutOff::Past(subject, entries) => {
                let steps = Replay::new(subject.origin(), entries).take_while(|step| step.at <= self.question.as_of);
                steps.last().map(|step| step.after)
            }
        }
    }

    fn put(&mut self, look: PetitionAtCutOff<'_>, facts: PetitionFacts, is_carried: bool) {
        let holder = self.holders.holder(facts.holder(), facts.area_id);
        let (agency, district) = if holder == COORDINATION {
            (COORDINATION_KEY.to_owned(), COORDINATION_KEY.to_owned())
        } else {
            let agency = self.directory.agency(holder).map_or_else(|| holder.to_string(), |agency| agency.code.clone());
            (agency, district_key(self.directory, holder).unwrap_or_default().to_owned())
        };
        let category = self.directory.category(facts.category_id);
        let area = self.directory.area(facts.area_id);
        self.found.push(CountedPetition {
            code: look.subject().code.clone(),
            is_carried,
            agency,
            district,
            category: category.map_or_else(|| facts.category_id.to_string(), |category| category.code().to_owned()),
            area: area.map_or_else(|| facts.area_id.to_string(), |area| area.code.clone()),
            facts,
        });
    }
}
