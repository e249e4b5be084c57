//! Writes the reference data to the database and counts the changes.
//!
//! The files override stored values, except for what they do not contain: the last day in force, two-person
//! approval, manually created rules. Entries missing from the files are kept: nothing is deleted. Loading twice
//! changes nothing.

use super::lines::{AgencyLine, AreaLine, CategoryLine, HolidayLine};
use super::reference::ReferenceData;
use crate::db::{DbConnection, StorageError};
use crate::directory::ChangeScope;
use crate::directory::rules::agency::Agency;
use crate::directory::rules::area::Area;
use crate::directory::rules::calendar::DayKind;
use crate::directory::rules::category::Category;
use crate::directory::rules::directory::{Directory, DirectoryEntry};
use crate::directory::store::{agencies, areas, calendar, categories};
use crate::kernel::ids::{AgencyId, AreaId, CategoryId};
use crate::kernel::search_text::fold;
use crate::kernel::validity::Validity;
use chrono::{Datelike, NaiveDate};
use std::collections::HashMap;

/// A file with this many official holidays of a year (the statutory number until 2025) confirms the year.
const HOLIDAYS_OF_A_YEAR: usize = 11;

/// The result of a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoadSummary {
    /// New entries.
    pub added: usize,
    /// Changed entries.
    pub changed: usize,
    /// Unchanged entries.
    pub kept: usize,
    /// How many of the added and changed ones belong to the calendar.
    calendar: usize,
}

impl LoadSummary {
    /// Returns which versions must be raised.
    pub(super) const fn touched(&self) -> ChangeScope {
        match (self.calendar, self.added + self.changed) {
            (0, 0) => ChangeScope::Nothing,
            (0, _) => ChangeScope::Directory,
            _ => ChangeScope::Calendar,
        }
    }

    fn count(&mut self, what: RowDifference) {
        match what {
            RowDifference::Added => self.added += 1,
            RowDifference::Changed => self.changed += 1,
            RowDifference::None => self.kept += 1,
        }
    }

    pub(super) fn count_rule(&mut self) {
        self.count(RowDifference::Added);
    }

    pub(super) fn count_session(&mut self) {
        self.count_calendar(RowDifference::Added);
    }

    fn count_calendar(&mut self, what: RowDifference) {
        self.calendar += usize::from(what != RowDifference::None);
        self.count(what);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RowDifference {
    None,
    Added,
    Changed,
}

/// Updates areas, agencies, categories and holidays to the contents of the files.
pub(super) fn store(
    connection: &mut DbConnection,
    before: &Directory,
    reference: &ReferenceData,
    since: NaiveDate,
) -> Result<LoadSummary, StorageError> {
    let mut summary = LoadSummary::default();
    let mut area_ids = HashMap::new();
    for line in &reference.areas {
        let (id, what) = store_area(connection, before, line, &area_ids, since)?;
        area_ids.insert(line.code.as_str(), id);
        summary.count(what);
    }
    let mut agency_ids = HashMap::new();
    for line in &reference.agencies {
        let Some(area_id) = area_ids.get(line.area_code.as_str()) else { continue };
        let (id, what) = store_agency(connection, before, line, *area_id, &agency_ids, since)?;
        agency_ids.insert(line.code.as_str(), id);
        summary.count(what);
    }
    for line in &reference.categories {
        summary.count(store_category(connection, before, line, since)?);
    }
    store_days(connection, &reference.holidays, &mut summary)?;
    Ok(summary)
}

/// Finds the entry of a line: the earliest with its code, because later ones came with a reform.
fn earliest<'a, T: DirectoryEntry>(entries: &'a [T], code: &str) -> Option<&'a T> {
    entries.iter().filter(|entry| entry.code() == code).min_by_key(|entry| entry.validity().from)
}

fn store_area(
    connection: &mut DbConnection,
    before: &Directory,
    line: &AreaLine,
    ids: &HashMap<&str, AreaId>,
    since: NaiveDate,
) -> Result<(AreaId, RowDifference), StorageError> {
    let present = earliest(before.areas(), &line.code);
    let mut area = Area {
        id: present.map_or(AreaId(0), |present| present.id),
        code: line.code.clone(),
        name: line.name.clone(),
        search_name: fold(&line.name),
        kind: line.kind,
        parent_id: line.parent_code.as_deref().and_then(|code| ids.get(code).copied()),
        latitude: line.latitude,
        longitude: line.longitude,
        validity: present.map_or(Validity::since(since), |present| present.validity),
        version: present.map_or(1, |present| present.version),
    };
    match present {
        None => Ok((areas::insert(connection, &area)?, RowDifference::Added)),
        Some(present) if *present == area => Ok((area.id, RowDifference::None)),
        Some(_) => {
            area.version += 1;
            areas::update(connection, &area)?;
            Ok((area.id, RowDifference::Changed))
        }
    }
}

fn store_agency(
    connection: &mut DbConnection,
    before: &Directory,
    line: &AgencyLine,
    area_id: AreaId,
    ids: &HashMap<&str, AgencyId>,
    since: NaiveDate,
) -> Result<(AgencyId, RowDifference), StorageError> {
    let present = earliest(before.agencies(), &line.code);
    let mut agency = Agency {
        id: present.map_or(AgencyId(0), |present| present.id),
        code: line.code.clone(),
        name: line.name.clone(),
        short_name: line.short_name.clone(),
        search_name: Agency::search_name_of(&line.code, &line.name, &line.short_name),
        level: line.level,
        kind: line.kind,
        parent_id: line.parent_code.as_deref().and_then(|code| ids.get(code).copied()),
        area_id,
        two_person_approval: present.is_none_or(|present| present.two_person_approval),
        validity: present.map_or(Validity::since(since), |present| present.validity),
        version: present.map_or(1, |present| present.version),
    };
    match present {
        None => Ok((agencies::insert(connection, &agency)?, RowDifference::Added)),
        Some(present) if *present == agency => Ok((agency.id, RowDifference::None)),
        Some(_) => {
            agency.version += 1;
            agencies::update(connection, &agency)?;
            Ok((agency.id, RowDifference::Changed))
        }
    }
}

fn store_category(
    connection: &mut DbConnection,
    before: &Directory,
    line: &CategoryLine,
    since: NaiveDate,
) -> Result<RowDifference, StorageError> {
    let present = earliest(before.categories(), &line.code);
    let mut category = Category {
        id: present.map_or(CategoryId(0), |present| present.id),
        code: line.code.clone(),
        name_vi: line.name_vi.clone(),
        name_en: line.name_en.clone(),
        search_name: Category::search_name_of(&line.name_vi, line.name_en.as_deref(), &line.examples),
        parent_id: present.and_then(|present| present.parent_id),
        department_code: line.department_code.clone(),
        district_division: line.district_division.clone(),
        default_level: line.default_level,
        processing_working_days: line.processing_working_days,
        examples: line.examples.clone(),
        validity: present.map_or(Validity::since(since), |present| present.validity),
        version: present.map_or(1, |present| present.version),
    };
    match present {
        None => {
            categories::insert(connection, &category)?;
            Ok(RowDifference::Added)
        }
        Some(present) if *present == category => Ok(RowDifference::None),
        Some(_) => {
            category.version += 1;
            categories::update(connection, &category)?;
            Ok(RowDifference::Changed)
        }
    }
}

fn store_days(connection: &mut DbConnection, lines: &[HolidayLine], summary: &mut LoadSummary) -> Result<(), StorageError> {
    let first = lines.iter().map(|line| line.day).min().unwrap_or_default();
    let last = lines.iter().map(|line| line.day).max().unwrap_or_default();
    let present = calendar::days(connection, first, last)?;
    for line in lines {
        let day =
            calendar::CalendarDay { day: line.day, kind: line.kind, name: line.name.clone(), is_official: line.is_official };
        let what = match present.iter().find(|present| present.day == day.day) {
            None => RowDifference::Added,
            Some(present) if *present == day => RowDifference::None,
            Some(_) => RowDifference::Changed,
        };
        if what != RowDifference::None {
            calendar::put_day(connection, &day)?;
        }
        summary.count_calendar(what);
    }
    let confirmed = calendar::confirmed_years(connection)?;
    for year in (first.year()..=last.year()).filter(|year| !confirmed.contains(year)) {
        let is_decided = |line: &&HolidayLine| line.is_official && line.kind == DayKind::Holiday && line.day.year() == year;
        if lines.iter().filter(is_decided).count() >= HOLIDAYS_OF_A_YEAR {
            calendar::confirm_year(connection, year)?;
            summary.calendar += 1;
        }
    }
    Ok(())
}
