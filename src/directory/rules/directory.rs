//! The directory as an immutable in-memory snapshot: agencies, areas, categories, rules and the working calendar.
//!
//! Built from what `directory::store` has read; answers which agency, area or category has a code on a day. Used by
//! filing, transfers, statistics and the public lists. Routing is decided in [`crate::directory::rules::routing`].

use crate::delivery::rules::webhook::Subscription;
use crate::directory::rules::agency::{Agency, AgencyKind, Succession};
use crate::directory::rules::area::{Area, Level};
use crate::directory::rules::calendar::WorkingCalendar;
use crate::directory::rules::category::Category;
use crate::directory::rules::deadline::{self, Deadline, DeadlineError, DeadlineRule, Urgency};
use crate::directory::rules::routing_rule::RoutingRule;
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, AreaId, CategoryId, DeadlineRuleId, RoutingRuleId};
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use std::collections::HashMap;
use std::hash::Hash;

/// Longer than any chain of successors or parents; ends a traversal of inconsistent data.
pub(crate) const LONGEST_CHAIN: usize = 16;

/// The data from which a directory is built.
#[derive(Debug, Clone)]
pub struct DirectoryParts {
    /// All agencies, including ended ones.
    pub agencies: Vec<Agency>,
    pub successions: Vec<Succession>,
    /// All areas, including ended ones.
    pub areas: Vec<Area>,
    /// All categories, including ended ones.
    pub categories: Vec<Category>,
    /// All routing rules, including ended ones.
    pub routing_rules: Vec<RoutingRule>,
    /// All deadline rules, including ended ones.
    pub deadline_rules: Vec<DeadlineRule>,
    /// Working sessions, holidays and make-up days.
    pub calendar: WorkingCalendar,
    /// Webhook subscriptions of other systems, without ended ones.
    pub subscriptions: Vec<Subscription>,
    /// Raised by every change of any of them.
    pub version: i64,
}

/// An entry with a row id, a code and a validity.
pub trait DirectoryEntry {
    type Id: Copy + Eq + Hash + Ord;
    fn id(&self) -> Self::Id;
    /// The code; other entries may have it on other days.
    fn code(&self) -> &str;
    fn validity(&self) -> Validity;
}

macro_rules! directory_entries {
    ($($entry:ty: $id:ty),+) => {$(
        impl DirectoryEntry for $entry {
            type Id = $id;
            fn id(&self) -> $id { self.id }
            fn code(&self) -> &str { &self.code }
            fn validity(&self) -> Validity { self.validity }
        }
    )+};
}

directory_entries!(Agency: AgencyId, Area: AreaId, Category: CategoryId);

/// Entries ordered by row id, indexed by row id and by code.
#[derive(Debug)]
struct EntryIndex<T: DirectoryEntry> {
    rows: Vec<T>,
    by_id: HashMap<T::Id, usize>,
    by_code: HashMap<String, Vec<usize>>,
}

impl<T: DirectoryEntry> EntryIndex<T> {
    fn new(mut rows: Vec<T>) -> Self {
        rows.sort_by_key(DirectoryEntry::id);
        let by_id = rows.iter().enumerate().map(|(place, row)| (row.id(), place)).collect();
        let by_code = group_by(&rows, |row| Some(row.code().to_owned()));
        Self { rows, by_id, by_code }
    }

    fn get(&self, id: T::Id) -> Option<&T> {
        self.rows.get(*self.by_id.get(&id)?)
    }

    fn of_code(&self, code: &str) -> impl Iterator<Item = &T> {
        self.at(self.by_code.get(code))
    }

    fn at<'a>(&'a self, places: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a T> {
        places.into_iter().flatten().filter_map(|place| self.rows.get(*place))
    }

    fn of_code_on(&self, code: &str, day: NaiveDate) -> Option<&T> {
        self.of_code(code).find(|row| row.validity().covers(day))
    }
}

fn group_by<T, K: Eq + Hash>(rows: &[T], key: impl Fn(&T) -> Option<K>) -> HashMap<K, Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        if let Some(key) = key(row) {
            groups.entry(key).or_default().push(place);
        }
    }
    groups
}

/// The whole directory at one version; immutable, replaced by newer versions.
#[derive(Debug)]
pub struct Directory {
    agencies: EntryIndex<Agency>,
    agencies_by_area: HashMap<AreaId, Vec<usize>>,
    successions: Vec<Succession>,
    successions_by_old: HashMap<AgencyId, Vec<usize>>,
    areas: EntryIndex<Area>,
    categories: EntryIndex<Category>,
    routing_rules: Vec<RoutingRule>,
    deadline_rules: Vec<DeadlineRule>,
    calendar: WorkingCalendar,
    subscriptions: Vec<Subscription>,
    version: i64,
}

impl Directory {
    /// Builds the indexes.
    #[must_use]
    pub fn new(parts: DirectoryParts) -> Self {
        let agencies = EntryIndex::new(parts.agencies);
        let mut routing_rules = parts.routing_rules;
        routing_rules.sort_by_key(|rule| (rule.position, rule.id));
        Self {
            agencies_by_area: group_by(&agencies.rows, |agency| Some(agency.area_id)),
            agencies,
            successions_by_old: group_by(&parts.successions, |arrow| Some(arrow.old_agency_id)),
            successions: parts.successions,
            areas: EntryIndex::new(parts.areas),
            categories: EntryIndex::new(parts.categories),
            routing_rules,
            deadline_rules: parts.deadline_rules,
            calendar: parts.calendar,
            subscriptions: parts.subscriptions,
            version: parts.version,
        }
    }

    /// Returns the same directory with other routing rules, for a dry run.
    #[must_use]
    pub fn with_routing_rules(&self, mut rules: Vec<RoutingRule>) -> Self {
        rules.sort_by_key(|rule| (rule.position, rule.id));
        let mut parts = self.parts();
        parts.routing_rules = rules;
        Self::new(parts)
    }

    /// Returns a copy of the data it was built from.
    #[must_use]
    pub fn parts(&self) -> DirectoryParts {
        DirectoryParts {
            agencies: self.agencies.rows.clone(),
            successions: self.successions.clone(),
            areas: self.areas.rows.clone(),
            categories: self.categories.rows.clone(),
            routing_rules: self.routing_rules.clone(),
            deadline_rules: self.deadline_rules.clone(),
            calendar: self.calendar.clone(),
            subscriptions: self.subscriptions.clone(),
            version: self.version,
        }
    }

    /// Returns the version, raised by every change of the directory.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// Returns the calendar version, raised by every change of the calendar and stored with every deadline.
    #[must_use]
    pub const fn calendar_version(&self) -> i64 {
        self.calendar.version
    }

    /// Returns working sessions, holidays and make-up days.
    #[must_use]
    pub const fn calendar(&self) -> &WorkingCalendar {
        &self.calendar
    }

    /// Returns the webhook subscriptions of other systems.
    #[must_use]
    pub fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    /// Returns all deadline rules of any day.
    #[must_use]
    pub fn deadline_rules(&self) -> &[DeadlineRule] {
        &self.deadline_rules
    }

    #[must_use]
    pub fn deadline_rule(&self, id: DeadlineRuleId) -> Option<&DeadlineRule> {
        self.deadline_rules.iter().find(|rule| rule.id == id)
    }

    /// Computes the deadline of a petition that arrives at an instant, and returns the rule used (docs/contract.md
    /// §7.2).
    ///
    /// # Errors
    /// `NoRule` when no rule is in force for the category and the urgency; the errors of [`deadline::compute`].
    pub fn deadline(
        &self,
        category: CategoryId,
        urgency: Urgency,
        starts_at: Instant,
    ) -> Result<(DeadlineRuleId, Deadline), DeadlineError> {
        let category = self.category(category).ok_or(DeadlineError::NoRule)?;
        let rule = deadline::choose_rule(&self.deadline_rules, &category.code, urgency, starts_at.local_date())
            .ok_or(DeadlineError::NoRule)?;
        Ok((rule.id, self.deadline_by_rule(rule.id, category.id, starts_at)?))
    }

    fn deadline_by_rule(
        &self,
        rule: DeadlineRuleId,
        category: CategoryId,
        starts_at: Instant,
    ) -> Result<Deadline, DeadlineError> {
        let rule = self.deadline_rule(rule).ok_or(DeadlineError::NoRule)?;
        let category = self.category(category).ok_or(DeadlineError::NoRule)?;
        let amount = rule.amount.unwrap_or(category.processing_working_days);
        deadline::compute(rule, amount, starts_at, &self.calendar)
    }

    /// Returns all agencies of any day, by row id.
    #[must_use]
    pub fn agencies(&self) -> &[Agency] {
        &self.agencies.rows
    }

    /// Returns all areas of any day, by row id.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas.rows
    }

    /// Returns all categories of any day, by row id.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories.rows
    }

    /// Returns all routing rules of any day, in evaluation order.
    #[must_use]
    pub fn routing_rules(&self) -> &[RoutingRule] {
        &self.routing_rules
    }

    /// Returns all successions of agencies.
    #[must_use]
    pub fn successions(&self) -> &[Succession] {
        &self.successions
    }

    /// Returns the successions from an ended agency.
    pub fn successions_of(&self, old: AgencyId) -> impl Iterator<Item = &Succession> {
        self.successions_by_old.get(&old).into_iter().flatten().filter_map(|place| self.successions.get(*place))
    }

    #[must_use]
    pub fn agency(&self, id: AgencyId) -> Option<&Agency> {
        self.agencies.get(id)
    }

    #[must_use]
    pub fn area(&self, id: AreaId) -> Option<&Area> {
        self.areas.get(id)
    }

    #[must_use]
    pub fn category(&self, id: CategoryId) -> Option<&Category> {
        self.categories.get(id)
    }

    #[must_use]
    pub fn routing_rule(&self, id: RoutingRuleId) -> Option<&RoutingRule> {
        self.routing_rules.iter().find(|rule| rule.id == id)
    }

    /// Returns the agency with this code on a day.
    #[must_use]
    pub fn agency_by_code(&self, code: &str, day: NaiveDate) -> Option<&Agency> {
        self.agencies.of_code_on(code, day)
    }

    /// Returns the area with this code on a day.
    #[must_use]
    pub fn area_by_code(&self, code: &str, day: NaiveDate) -> Option<&Area> {
        self.areas.of_code_on(code, day)
    }

    /// Returns the category with this code on a day.
    #[must_use]
    pub fn category_by_code(&self, code: &str, day: NaiveDate) -> Option<&Category> {
        self.categories.of_code_on(code, day)
    }

    /// Returns every agency that has or had this code.
    pub fn agencies_of_code(&self, code: &str) -> impl Iterator<Item = &Agency> {
        self.agencies.of_code(code)
    }

    /// Returns whether any agency has this code on any day.
    #[must_use]
    pub fn knows_agency_code(&self, code: &str) -> bool {
        self.agencies.by_code.contains_key(code)
    }

    /// Returns whether any area has this code on any day.
    #[must_use]
    pub fn knows_area_code(&self, code: &str) -> bool {
        self.areas.by_code.contains_key(code)
    }

    /// Returns whether any category has this code on any day.
    #[must_use]
    pub fn knows_category_code(&self, code: &str) -> bool {
        self.categories.by_code.contains_key(code)
    }

    /// Returns the area and all its parents, innermost first.
    pub fn area_and_above(&self, id: AreaId) -> impl Iterator<Item = &Area> {
        std::iter::successors(self.area(id), |area| self.area(area.parent_id?)).take(LONGEST_CHAIN)
    }

    /// Returns whether the area is `outer` or inside it.
    #[must_use]
    pub fn lies_in(&self, id: AreaId, outer: AreaId) -> bool {
        self.area_and_above(id).any(|area| area.id == outer)
    }

    /// Returns the district of an agency; `None` for provincial bodies and after the reform of 2025.
    #[must_use]
    pub fn district_of(&self, id: AgencyId) -> Option<&Area> {
        self.district_of_area(self.agency(id)?.area_id)
    }

    /// Returns the district that contains an area, which may be the area itself.
    #[must_use]
    pub fn district_of_area(&self, id: AreaId) -> Option<&Area> {
        self.area_and_above(id).find(|area| area.level() == Level::District)
    }

    /// Returns the agencies of exactly this area, on any day.
    pub fn agencies_in(&self, area: AreaId) -> impl Iterator<Item = &Agency> {
        self.agencies.at(self.agencies_by_area.get(&area))
    }

    /// Returns the People's Committees of exactly this area, on any day.
    pub fn committees_of(&self, area: AreaId) -> impl Iterator<Item = &Agency> {
        self.agencies_in(area).filter(|agency| agency.kind == AgencyKind::PeoplesCommittee)
    }
}
