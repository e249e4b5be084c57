//! Turns cells into result rows: the row of each cell, its name and its position.

use super::count::{CellKey, CellTallies};
use super::names;
use super::parse_query::{COORDINATION_KEY, district_key};
use super::query::FigureQuery;
use crate::directory::rules::area::Level;
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::{Directory, DirectoryEntry};
use crate::figures::rules::measure::{Measure, MeasureSource};
use crate::figures::rules::{COORDINATION, Dimension, Figures, GroupBy, Tally, figures};
use crate::kernel::Lang;
use crate::kernel::ids::CategoryId;
use crate::petitions::rules::{Channel, PetitionerKind};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// One row: key, name and tally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureGroup {
    /// A code, or a value such as a channel.
    pub key: String,
    pub name: String,
    pub tally: Tally,
    /// The flows of the sub-period alone, if the row is a sub-period.
    pub flow: Option<Tally>,
}

impl FigureGroup {
    /// Computes the given measures.
    #[must_use]
    pub fn figures(&self, measures: &[Measure]) -> Figures {
        let tally_of = |measure: Measure| match (&self.flow, measure.source()) {
            (Some(flow), MeasureSource::Flow | MeasureSource::HandOvers) => flow,
            _ => &self.tally,
        };
        Figures(measures.iter().map(|measure| (*measure, figures::value(tally_of(*measure), *measure))).collect())
    }
}

/// The sort key of a row; special rows come last.
type GroupOrder = (u8, i64, String);

/// Returns the sum of all cells.
#[must_use]
pub fn total(cells: &CellTallies) -> Tally {
    let mut total = Tally::default();
    cells.values().for_each(|tally| total += tally);
    total
}

/// A row with any content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupRow<T> {
    /// A code, or a value such as a channel.
    pub key: String,
    pub name: String,
    pub content: T,
}

/// Returns the rows of a result.
#[must_use]
pub fn groups(directory: &Directory, question: &FigureQuery, cells: &CellTallies, lang: Lang) -> Vec<FigureGroup> {
    let rows = rows(directory, question, cells, lang);
    rows.into_iter().map(|GroupRow { key, name, content }| FigureGroup { key, name, tally: content, flow: None }).collect()
}

/// Returns the rows in order. Districts, levels, categories and fixed value sets are listed even when empty, unless the
/// query filters for one of them; agencies are listed only when they have any figure.
pub(super) fn rows<T>(directory: &Directory, question: &FigureQuery, cells: &BTreeMap<CellKey, T>, lang: Lang) -> Vec<GroupRow<T>>
where
    T: Default + PartialEq + for<'t> AddAssign<&'t T>,
{
    if question.group_by == GroupBy::None {
        return Vec::new();
    }
    let book = GroupNames { directory, question, lang };
    let mut rows: BTreeMap<GroupOrder, GroupRow<T>> = BTreeMap::new();
    let empty = |place: &GroupOrder, name| GroupRow { key: place.2.clone(), name, content: T::default() };
    for (place, name) in book.known() {
        rows.insert(place.clone(), empty(&place, name));
    }
    for (cell, content) in cells {
        let (place, name) = book.of_cell(cell);
        let row = empty(&place, name);
        rows.entry(place).or_insert(row).content += content;
    }
    let is_listed = |row: &GroupRow<T>| question.group_by != GroupBy::Agency || row.content != T::default();
    rows.into_values().filter(is_listed).collect()
}

struct GroupNames<'a> {
    directory: &'a Directory,
    question: &'a FigureQuery,
    lang: Lang,
}

impl GroupNames<'_> {
    fn known(&self) -> Vec<(GroupOrder, String)> {
        let question = self.question;
        let is_filtered = match question.group_by.dimension() {
            Dimension::All => question.group_by.is_of_agencies() && question.filter.agencies.is_some(),
            dimension => question.filter.dimensions().iter().any(|(filtered, _)| *filtered == dimension),
        };
        if is_filtered {
            return Vec::new();
        }
        match question.group_by {
            GroupBy::None | GroupBy::Agency => Vec::new(),
            GroupBy::District => self.districts(),
            GroupBy::Level => Level::ALL.iter().map(|level| self.level(*level)).collect(),
            GroupBy::Category => {
                let in_force = |category: &&crate::directory::rules::category::Category| {
                    let days = category.validity();
                    days.from <= question.period.to() && !days.ended_before(question.period.from())
                };
                self.directory.categories().iter().filter(in_force).map(|category| self.category(category.id)).collect()
            }
            GroupBy::Channel => Channel::ALL.iter().map(|word| self.word(word.as_str())).collect(),
            GroupBy::PetitionerKind => PetitionerKind::ALL.iter().map(|word| self.word(word.as_str())).collect(),
            GroupBy::Urgency => Urgency::ALL.iter().map(|word| self.word(word.as_str())).collect(),
            GroupBy::Month => (0..question.steps.len()).map(|step| self.step(step)).collect(),
        }
    }

    fn of_cell(&self, cell: &CellKey) -> (GroupOrder, String) {
        let question = self.question;
        if question.group_by.is_of_agencies() && cell.agency_id == COORDINATION {
            let place = (2, 0, COORDINATION_KEY.to_owned());
            return (place, self.lang.pick("Bàn điều phối", "Coordination desk").to_owned());
        }
        match question.group_by {
            GroupBy::Agency => self.agency(cell),
            GroupBy::District => self.district(district_key(self.directory, cell.agency_id).unwrap_or_default()),
            GroupBy::Level => match self.directory.agency(cell.agency_id) {
                Some(agency) => self.level(agency.level),
                None => self.unknown(cell.agency_id.0),
            },
            GroupBy::Category => match cell.value.parse() {
                Ok(id) => self.category(CategoryId(id)),
                Err(_) => self.word(&cell.value),
            },
            GroupBy::Month => self.step(cell.step),
            GroupBy::None | GroupBy::Channel | GroupBy::PetitionerKind | GroupBy::Urgency => self.word(&cell.value),
        }
    }

    /// An entry missing from the directory; its figures must not get lost.
    fn unknown(&self, id: i64) -> (GroupOrder, String) {
        ((3, id, id.to_string()), id.to_string())
    }

    /// All validity spans of one code share one row.
    fn agency(&self, cell: &CellKey) -> (GroupOrder, String) {
        let Some(agency) = self.directory.agency(cell.agency_id) else { return self.unknown(cell.agency_id.0) };
        let first = self.directory.agencies_of_code(&agency.code).map(|agency| agency.id.0).min();
        ((0, first.unwrap_or(agency.id.0), agency.code.clone()), agency.name.clone())
    }

    fn districts(&self) -> Vec<(GroupOrder, String)> {
        let (from, to) = (self.question.period.from(), self.question.period.to());
        let in_force = self.directory.areas().iter().filter(|area| area.validity.from <= to && !area.validity.ended_before(from));
        in_force.filter(|area| area.level() != Level::Commune).map(|area| self.district(&area.code)).collect()
    }

    fn district(&self, code: &str) -> (GroupOrder, String) {
        let is_unit = |area: &&crate::directory::rules::area::Area| area.code == code && area.level() != Level::Commune;
        match self.directory.areas().iter().find(is_unit) {
            Some(area) => {
                let class = u8::from(area.level() == Level::Province);
                ((class, area.id.0, code.to_owned()), area.name.clone())
            }
            None => ((3, 0, code.to_owned()), code.to_owned()),
        }
    }

    fn level(&self, level: Level) -> (GroupOrder, String) {
        let order = Level::ALL.iter().position(|other| *other == level);
        ((0, place_of(order), level.as_str().to_owned()), names::of_word(level.as_str(), self.lang))
    }

    fn category(&self, id: CategoryId) -> (GroupOrder, String) {
        let Some(category) = self.directory.category(id) else { return self.unknown(id.0) };
        let same = self.directory.categories().iter().filter(|other| other.code == category.code);
        let first = same.map(|category| category.id.0).min();
        ((0, first.unwrap_or(id.0), category.code.clone()), category.name(self.lang).to_owned())
    }

    fn word(&self, word: &str) -> (GroupOrder, String) {
        let channel = Channel::ALL.iter().position(|other| other.as_str() == word);
        let kind = || PetitionerKind::ALL.iter().position(|other| other.as_str() == word);
        let urgency = || Urgency::ALL.iter().position(|other| other.as_str() == word);
        ((0, place_of(channel.or_else(kind).or_else(urgency)), word.to_owned()), names::of_word(word, self.lang))
    }

    fn step(&self, step: usize) -> (GroupOrder, String) {
        let part = self.question.steps.get(step);
        let key = part.map(|part| part.key.clone()).unwrap_or_default();
        let name = part.map(|part| names::of_month(part.period.from(), self.lang)).unwrap_or_default();
        ((0, place_of(Some(step)), key), name)
    }
}

fn place_of(position: Option<usize>) -> i64 {
    position.and_then(|position| i64::try_from(position).ok()).unwrap_or(i64::MAX)
}
