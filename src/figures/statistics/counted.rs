//! Lists the single petitions that a query counts, with their facts at its cut-off, for any measure.
//!
//! Takes a query and some days of receipt; returns petitions. Which petitions are visited depends only on the query and
//! on the history up to the cut-off, so the same query always visits the same petitions.

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

/// A counted petition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedPetition {
    pub code: String,
    /// Whether it was received before the period.
    pub is_carried: bool,
    /// Code of the agency under which it is counted.
    pub agency: String,
    /// Code of that agency's district.
    pub district: String,
    pub category: String,
    /// Code of the commune of the case.
    pub area: String,
    /// Its facts at the cut-off.
    pub facts: PetitionFacts,
}

/// Returns every petition that a query counts and that was received on these days, before the period included, by day
/// of receipt.
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

/// Returns whether petitions received before the period are counted at all.
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
            // An agency that transferred it away counts the transfer as well.
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

    /// The facts at the cut-off; `None` if it was received later.
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
