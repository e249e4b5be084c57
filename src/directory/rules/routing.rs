//! Routing of petitions: the first matching rule, successors of ended agencies, parents where an agency is missing
//! (docs/contract.md §6.2).
//!
//! Takes a [`RoutingInput`], returns the agency and the rule that decided. No agency means that the coordinator
//! decides. Called on filing, and by the dry run over past petitions.

use crate::directory::rules::agency::Agency;
use crate::directory::rules::area::Area;
use crate::directory::rules::directory::{Directory, LONGEST_CHAIN};
use crate::directory::rules::routing_rule::{RoutingConditions, RoutingInput, RoutingTarget};
use crate::kernel::ids::{AgencyId, AreaId, RoutingRuleId};
use chrono::NaiveDate;

/// The result for a [`RoutingInput`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Routing {
    /// The agency that receives the petition; `None` for the coordinator.
    pub agency_id: Option<AgencyId>,
    /// The rule that decided; `None` when no rule matched.
    pub rule_id: Option<RoutingRuleId>,
}

impl Directory {
    /// Returns the agency for a petition.
    #[must_use]
    pub fn route(&self, question: &RoutingInput<'_>) -> Routing {
        let day = question.at.local_date();
        let matching =
            self.routing_rules().iter().find(|rule| rule.validity.covers(day) && self.matches(&rule.conditions, question));
        Routing {
            agency_id: matching.and_then(|rule| self.reach(&rule.target, question, day)).map(|agency| agency.id),
            rule_id: matching.map(|rule| rule.id),
        }
    }

    fn matches(&self, conditions: &RoutingConditions, question: &RoutingInput<'_>) -> bool {
        let fits_category = || match &conditions.category {
            None => true,
            Some(codes) => self.category(question.category).is_some_and(|category| codes.as_slice().contains(&category.code)),
        };
        let fits_area = || match &conditions.area {
            None => true,
            Some(code) => self.area_and_above(question.area).any(|area| area.code == *code),
        };
        fits_category() && conditions.fits_circumstances(question) && fits_area()
    }

    /// Resolves a target for one place on one day; falls back to the parent where an agency is missing.
    fn reach(&self, target: &RoutingTarget, question: &RoutingInput<'_>, day: NaiveDate) -> Option<&Agency> {
        let place = question.area;
        match target {
            RoutingTarget::Agency(code) => self.named(code, place, day),
            RoutingTarget::CommuneOfPlace(_) => self
                .committee(self.area(place)?, place, day)
                .or_else(|| self.district_committee(place, day))
                .or_else(|| self.department(question, day)),
            RoutingTarget::DivisionInDistrict(suffixes) => self
                .division(suffixes, place, day)
                .or_else(|| self.district_committee(place, day))
                .or_else(|| self.committee(self.area(place)?, place, day))
                .or_else(|| self.department(question, day)),
            RoutingTarget::DepartmentOfCategory(_) => self.department(question, day),
        }
    }

    fn department(&self, question: &RoutingInput<'_>, day: NaiveDate) -> Option<&Agency> {
        self.named(&self.category(question.category)?.department_code, question.area, day)
    }

    fn district_committee(&self, place: AreaId, day: NaiveDate) -> Option<&Agency> {
        self.committee(self.district_of_area(place)?, place, day)
    }

    fn committee(&self, area: &Area, place: AreaId, day: NaiveDate) -> Option<&Agency> {
        self.standing(self.committees_of(area.id), place, day)
    }

    /// Returns the agency with a code, its successor, or its nearest parent in force.
    fn named(&self, code: &str, place: AreaId, day: NaiveDate) -> Option<&Agency> {
        self.standing(self.agencies_of_code(code), place, day).or_else(|| {
            let latest = self.agencies_of_code(code).max_by_key(|agency| agency.validity.from)?;
            std::iter::successors(latest.parent_id, |id| self.agency(*id)?.parent_id)
                .take(LONGEST_CHAIN)
                .find_map(|id| self.standing(self.agency(id).into_iter(), place, day))
        })
    }

    /// Returns the division of the place's district or, where districts no longer exist, the office in the commune
    /// that took over its tasks.
    fn division(&self, suffixes: &str, place: AreaId, day: NaiveDate) -> Option<&Agency> {
        let Some(district) = self.district_of_area(place) else {
            return self.successor_division(suffixes, place, day);
        };
        let of_suffix = |suffix| self.agencies_in(district.id).filter(move |agency| agency.is_division(suffix));
        suffixes
            .split('|')
            .find_map(|suffix| of_suffix(suffix).find(|agency| agency.validity.covers(day)))
            .or_else(|| suffixes.split('|').find_map(|suffix| self.standing(of_suffix(suffix), place, day)))
    }

    fn successor_division(&self, suffixes: &str, place: AreaId, day: NaiveDate) -> Option<&Agency> {
        let successors = || {
            self.successions().iter().filter(|arrow| arrow.effective_on <= day).filter_map(|arrow| {
                let (old, successor) = (self.agency(arrow.old_agency_id)?, self.agency(arrow.new_agency_id)?);
                let successor =
                    if successor.validity.covers(day) { successor } else { self.successor_of(successor.id, place, day)? };
                (successor.area_id == place).then_some((old, successor))
            })
        };
        suffixes
            .split('|')
            .find_map(|suffix| successors().find(|(old, _)| old.is_division(suffix)).map(|(_, successor)| successor))
    }

    /// Returns the first candidate in force, otherwise the successor of the one that ended last.
    fn standing<'a>(&'a self, candidates: impl Iterator<Item = &'a Agency>, place: AreaId, day: NaiveDate) -> Option<&'a Agency> {
        let mut ended: Vec<&Agency> = Vec::new();
        for agency in candidates {
            if agency.validity.covers(day) {
                return Some(agency);
            }
            if agency.validity.ended_before(day) {
                ended.push(agency);
            }
        }
        ended.sort_by_key(|agency| std::cmp::Reverse(agency.validity.to));
        ended.into_iter().find_map(|agency| self.successor_of(agency.id, place, day))
    }

    /// Returns the successor of an agency in force on a day; if its tasks were split, the place of the case
    /// decides.
    #[must_use]
    pub fn successor_of(&self, id: AgencyId, place: AreaId, day: NaiveDate) -> Option<&Agency> {
        let place = self.place_on(place, day);
        let mut current = id;
        for _ in 0..LONGEST_CHAIN {
            let mut arrows: Vec<_> = self.successions_of(current).filter(|arrow| arrow.effective_on <= day).collect();
            arrows.sort_by_key(|arrow| !arrow.is_primary);
            let successors: Vec<&Agency> = arrows.iter().filter_map(|arrow| self.agency(arrow.new_agency_id)).collect();
            // An earlier successor served a place that may belong to another area by now.
            let serves = |agency: &&&Agency, area: &Area| self.place_on(agency.area_id, day) == area.id;
            let of_place = self.area_and_above(place).find_map(|area| successors.iter().find(|agency| serves(agency, area)));
            let next = of_place.or(successors.first())?;
            if next.validity.covers(day) {
                return Some(next);
            }
            current = next.id;
        }
        None
    }

    /// Returns the main successor of an agency in force on a day, whatever the place of a case; its officers move
    /// there.
    #[must_use]
    pub fn main_successor_of(&self, id: AgencyId, day: NaiveDate) -> Option<&Agency> {
        let successor = |agency: &Agency| {
            let arrows = self.successions_of(agency.id).filter(|arrow| arrow.effective_on <= day);
            self.agency(arrows.max_by_key(|arrow| arrow.is_primary)?.new_agency_id)
        };
        let mut chain = std::iter::successors(self.agency(id), |agency| successor(agency)).skip(1).take(LONGEST_CHAIN);
        chain.find(|agency| agency.validity.covers(day))
    }

    /// Returns the area that contains a place on a day: for an ended commune, the area of its successor.
    fn place_on(&self, place: AreaId, day: NaiveDate) -> AreaId {
        let mut current = place;
        for _ in 0..LONGEST_CHAIN {
            if self.area(current).is_none_or(|area| !area.validity.ended_before(day)) {
                return current;
            }
            let successor = self.committees_of(current).find_map(|committee| {
                let main = self.successions_of(committee.id).max_by_key(|arrow| arrow.is_primary)?;
                self.agency(main.new_agency_id)
            });
            match successor {
                Some(agency) if agency.area_id != current => current = agency.area_id,
                _ => return current,
            }
        }
        current
    }
}
