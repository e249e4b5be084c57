//! Use cases on areas: create, amend and end them (administrators), and the public list.
//!
//! Rules: a code belongs to one area on any day, though an earlier area may have had it (the reform of 2025); the
//! parent of a commune is a district or a province, the parent of a district a province.

use super::ChangeScope;
use super::admin_change;
use super::admin_create;
use super::checks;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::directory::rules::area::{Area, AreaKind, Level};
use crate::directory::rules::directory::Directory;
use crate::directory::rules::directory_code::directory_code;
use crate::directory::store::areas;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::AreaId;
use crate::kernel::location::Location;
use crate::kernel::paging::KeysetPage;
use crate::kernel::search_text::fold;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An area as administrators see it: codes in place of row numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AreaRecord {
    /// Row number, for the paths of this API.
    pub id: AreaId,
    /// Code of the National Statistics Office.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Official type.
    pub kind: AreaKind,
    /// Place in the tree.
    pub level: Level,
    /// Code of the area above.
    #[schema(required)]
    pub parent: Option<String>,
    /// Centre, where it is known.
    #[schema(required)]
    pub latitude: Option<f64>,
    /// Centre, where it is known.
    #[schema(required)]
    pub longitude: Option<f64>,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force, when it has been ended.
    #[schema(required)]
    pub valid_to: Option<NaiveDate>,
    /// Raised by every change; for `If-Match`.
    pub version: i32,
}

/// A new area.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewArea {
    /// Code that no other area has on the same days.
    pub code: String,
    /// Official name with its type.
    pub name: String,
    /// Official type.
    pub kind: AreaKind,
    /// Code of the area above; none for a province only.
    pub parent: Option<String>,
    /// Centre; both numbers or none.
    pub latitude: Option<f64>,
    /// Centre; both numbers or none.
    pub longitude: Option<f64>,
    /// First day in force; today unless said otherwise.
    pub valid_from: Option<NaiveDate>,
}

/// What may be changed of an area; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaChanges {
    /// Official name with its type.
    pub name: Option<String>,
    /// Official type, of the same level.
    pub kind: Option<AreaKind>,
    /// Centre; both numbers or none.
    pub latitude: Option<f64>,
    /// Centre; both numbers or none.
    pub longitude: Option<f64>,
}

/// The end of an area, a category or a rule.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// Last day in force.
    pub on: NaiveDate,
}

/// Which areas to list.
#[derive(Debug, Clone, Default)]
pub struct AreaFilter {
    /// In force on that day; any day when absent.
    pub on: Option<NaiveDate>,
    /// Directly below the area of that code.
    pub parent: Option<String>,
}

impl AreaRecord {
    /// Converts an area, replacing row ids by codes.
    #[must_use]
    pub fn of(area: &Area, directory: &Directory) -> Self {
        Self {
            id: area.id,
            code: area.code.clone(),
            name: area.name.clone(),
            kind: area.kind,
            level: area.level(),
            parent: area.parent_id.and_then(|id| directory.area(id)).map(|parent| parent.code.clone()),
            latitude: area.latitude,
            longitude: area.longitude,
            valid_from: area.validity.from,
            valid_to: area.validity.to,
            version: area.version,
        }
    }
}

/// Returns one page of the areas that match the filter, in the order of creation.
///
/// # Errors
/// 422 on `on` and `parent`.
pub fn list<'a>(
    directory: &'a Directory,
    filter: &AreaFilter,
    after: Option<AreaId>,
    limit: i64,
) -> Result<KeysetPage<&'a Area, AreaId>, ServiceError> {
    let mut problems = FieldProblems::default();
    problems.take("on", filter.on.map_or(Ok(()), |on| checks::day(on).map(|_| ())));
    if filter.parent.as_ref().is_some_and(|code| !directory.knows_area_code(code)) {
        problems.add("parent", FieldRule::UnknownCode);
    }
    problems.finish()?;
    let parent_code = |area: &Area| area.parent_id.and_then(|id| directory.area(id)).map(|parent| parent.code.as_str());
    let fits = |area: &&Area| {
        filter.on.is_none_or(|on| area.validity.covers(on))
            && filter.parent.as_deref().is_none_or(|code| parent_code(area) == Some(code))
    };
    Ok(KeysetPage::of(directory.areas().iter().filter(fits), |area| area.id, after, limit))
}

/// Returns one area.
///
/// # Errors
/// [`ErrorCode::AreaNotFound`].
pub fn find(directory: &Directory, id: AreaId) -> Result<&Area, ServiceError> {
    Ok(directory.area(id).ok_or(ErrorCode::AreaNotFound)?)
}

/// Creates an area.
///
/// # Errors
/// 422 for each invalid field; those of the idempotency key.
pub async fn create(app: &App, by: &AuditActor, new: NewArea, key: Option<RequestKey>) -> Result<AreaRecord, ServiceError> {
    let today = app.now().local_date();
    admin_create(app, by, key, move |connection, directory| {
        let mut area = checked(&new, directory, today)?;
        area.id = areas::insert(connection, &area)?;
        let record = AreaRecord::of(&area, directory);
        let event = AuditEvent::new("create_area", "area", record.id).created(&record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn checked(new: &NewArea, directory: &Directory, today: NaiveDate) -> Result<Area, ServiceError> {
    let mut problems = FieldProblems::default();
    let from = problems.take("valid_from", checks::day(new.valid_from.unwrap_or(today))).unwrap_or(today);
    let validity = Validity::since(from);
    let code = problems.take("code", directory_code(&new.code)).unwrap_or_default();
    problems.take("code", checks::code_is_free(directory.areas(), &code, validity));
    let name = problems.take("name", checks::name(&new.name)).unwrap_or_default();
    check_centre(new.latitude, new.longitude, &mut problems);
    let parent = new.parent.as_ref().and_then(|code| {
        let found = directory.area_by_code(code, from);
        problems.take("parent", checks::in_force(found, directory.knows_area_code(code), from))
    });
    let area = Area {
        id: AreaId(0),
        search_name: fold(&name),
        code,
        name,
        kind: new.kind,
        parent_id: parent.map(|parent| parent.id),
        latitude: new.latitude,
        longitude: new.longitude,
        validity,
        version: 1,
    };
    if let (true, Some(rule)) = (problems.is_empty(), parent_problem(area.level(), parent.map(Area::level))) {
        problems.add("parent", rule);
    }
    problems.finish()?;
    Ok(area)
}

/// A province has no parent, a district a province, a commune a district or a province.
pub(crate) fn parent_problem(level: Level, parent: Option<Level>) -> Option<FieldRule> {
    match (level, parent) {
        (Level::Province, None)
        | (Level::District, Some(Level::Province))
        | (Level::Commune, Some(Level::District | Level::Province)) => None,
        (_, None) => Some(FieldRule::Required),
        (_, Some(_)) => Some(FieldRule::NotAllowed),
    }
}

fn check_centre(latitude: Option<f64>, longitude: Option<f64>, problems: &mut FieldProblems) {
    match (latitude, longitude) {
        (Some(latitude), Some(longitude)) => {
            if let Err(problem) = Location::new(latitude, longitude) {
                // A problem without a field concerns both coordinates together.
                let field = if problem.field.is_empty() { "latitude" } else { &problem.field };
                problems.add(field, problem.rule);
            }
        }
        (Some(_), None) => problems.add("longitude", FieldRule::Required),
        (None, Some(_)) => problems.add("latitude", FieldRule::Required),
        (None, None) => {}
    }
}

/// Amends an area.
///
/// # Errors
/// [`ErrorCode::AreaNotFound`], [`ErrorCode::StaleVersion`]; 422 for each invalid field.
pub async fn amend(
    app: &App,
    by: &AuditActor,
    id: AreaId,
    changes: AreaChanges,
    expected: Option<i32>,
) -> Result<AreaRecord, ServiceError> {
    admin_change(app, by, move |connection, directory| {
        let present = find(directory, id)?;
        checks::version(present.version, expected)?;
        let mut area = amended(present, &changes)?;
        if area == *present {
            return Ok((AreaRecord::of(present, directory), ChangeScope::Nothing, AuditEvent::none()));
        }
        area.version += 1;
        areas::update(connection, &area)?;
        let record = AreaRecord::of(&area, directory);
        let event = AuditEvent::new("change_area", "area", record.id).updated(&AreaRecord::of(present, directory), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn amended(present: &Area, changes: &AreaChanges) -> Result<Area, ServiceError> {
    let mut area = present.clone();
    let mut problems = FieldProblems::default();
    if let Some(name) = &changes.name {
        area.name = problems.take("name", checks::name(name)).unwrap_or_default();
        area.search_name = fold(&area.name);
    }
    area.kind = changes.kind.unwrap_or(area.kind);
    if area.level() != present.level() {
        problems.add("kind", FieldRule::NotAllowed);
    }
    check_centre(changes.latitude, changes.longitude, &mut problems);
    area.latitude = changes.latitude.or(area.latitude);
    area.longitude = changes.longitude.or(area.longitude);
    problems.finish()?;
    Ok(area)
}

/// Ends an area. Petitions that refer to it keep it.
///
/// # Errors
/// [`ErrorCode::AreaNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`]; 422 on `on`.
pub async fn end(app: &App, by: &AuditActor, id: AreaId, end: End, expected: Option<i32>) -> Result<AreaRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let present = find(directory, id)?;
        checks::version(present.version, expected)?;
        let mut area = present.clone();
        area.validity = checks::end(present.validity, end.on, today)?;
        area.version += 1;
        areas::update(connection, &area)?;
        let record = AreaRecord::of(&area, directory);
        let event = AuditEvent::new("end_area", "area", record.id).updated(&AreaRecord::of(present, directory), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}
