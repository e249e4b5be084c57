//! Use cases on agencies: create, amend and end them (administrators), and the public list.
//!
//! Rules: a code belongs to one agency on any day; an agency serves an area of its own level; ended agencies are
//! kept, because registers and timelines refer to them, and may name a successor.

use super::ChangeScope;
use super::admin_change;
use super::admin_create;
use super::checks;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::directory::rules::agency::{Agency, AgencyKind, Succession, SuccessionRelation};
use crate::directory::rules::area::Level;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::directory_code::directory_code;
use crate::directory::store::agencies;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblem, FieldProblems, FieldRule};
use crate::kernel::ids::AgencyId;
use crate::kernel::paging::KeysetPage;
use crate::kernel::search_text::fold;
use crate::kernel::text;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const LONGEST_SHORT_NAME: usize = 100;
const LONGEST_SEARCH: usize = 200;

/// An agency as administrators see it: codes in place of row numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgencyRecord {
    /// Row number, for the paths of this API.
    pub id: AgencyId,
    /// Code such as `27-256-QLDT`.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Name for lists.
    pub short_name: String,
    /// Province, district or commune.
    pub level: Level,
    /// What sort of body it is.
    pub kind: AgencyKind,
    /// Code of the body above.
    #[schema(required)]
    pub parent: Option<String>,
    /// Code of the area that it serves.
    pub area: String,
    /// Whether an answer needs a second person to approve it.
    pub two_person_approval: bool,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force, when it has been ended.
    #[schema(required)]
    pub valid_to: Option<NaiveDate>,
    /// Codes of the agencies that took over, the main one first.
    pub successors: Vec<String>,
    /// Raised by every change; for `If-Match`.
    pub version: i32,
}

/// A new agency.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgency {
    /// Code that no other agency has on the same days.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Name for lists.
    pub short_name: String,
    /// Province, district or commune: that of its area.
    pub level: Level,
    /// What sort of body it is.
    pub kind: AgencyKind,
    /// Code of the body above.
    pub parent: Option<String>,
    /// Code of the area that it serves.
    pub area: String,
    /// Whether an answer needs a second person to approve it; yes unless said otherwise.
    pub two_person_approval: Option<bool>,
    /// First day in force; today unless said otherwise.
    pub valid_from: Option<NaiveDate>,
}

/// What may be changed of an agency; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgencyChanges {
    /// Official name.
    pub name: Option<String>,
    /// Name for lists.
    pub short_name: Option<String>,
    /// What sort of body it is.
    pub kind: Option<AgencyKind>,
    /// Code of the body above; `null` for none.
    #[serde(default, deserialize_with = "checks::sent")]
    #[schema(value_type = Option<String>)]
    pub parent: Option<Option<String>>,
    /// Whether an answer needs a second person to approve it.
    pub two_person_approval: Option<bool>,
}

/// The end of an agency.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgencyEnd {
    /// Last day in force.
    pub on: NaiveDate,
    /// Code of the agency that takes over from the next day on.
    pub successor: Option<String>,
}

/// Which agencies to list.
#[derive(Debug, Clone, Default)]
pub struct AgencyFilter {
    /// In force on that day; any day when absent.
    pub on: Option<NaiveDate>,
    /// Of that level.
    pub level: Option<Level>,
    /// Serving that area or one inside of it, by code.
    pub area: Option<String>,
    /// With these words in code or name, with or without accents.
    pub q: Option<String>,
}

impl AgencyRecord {
    /// Converts an agency, replacing row ids by codes.
    #[must_use]
    pub fn of(agency: &Agency, directory: &Directory) -> Self {
        let mut arrows: Vec<_> = directory.successions().iter().filter(|arrow| arrow.old_agency_id == agency.id).collect();
        arrows.sort_by_key(|arrow| !arrow.is_primary);
        let code_of = |id| directory.agency(id).map(|agency| agency.code.clone());
        Self {
            id: agency.id,
            code: agency.code.clone(),
            name: agency.name.clone(),
            short_name: agency.short_name.clone(),
            level: agency.level,
            kind: agency.kind,
            parent: agency.parent_id.and_then(code_of),
            area: directory.area(agency.area_id).map(|area| area.code.clone()).unwrap_or_default(),
            two_person_approval: agency.two_person_approval,
            valid_from: agency.validity.from,
            valid_to: agency.validity.to,
            successors: arrows.iter().filter_map(|arrow| code_of(arrow.new_agency_id)).collect(),
            version: agency.version,
        }
    }
}

/// Returns one page of the agencies that match the filter, in the order of creation.
///
/// # Errors
/// 422 on `on`, `area` and `q`.
pub fn list<'a>(
    directory: &'a Directory,
    filter: &AgencyFilter,
    after: Option<AgencyId>,
    limit: i64,
) -> Result<KeysetPage<&'a Agency, AgencyId>, ServiceError> {
    let mut problems = FieldProblems::default();
    problems.take("on", filter.on.map_or(Ok(()), |on| checks::day(on).map(|_| ())));
    if filter.area.as_ref().is_some_and(|code| !directory.knows_area_code(code)) {
        problems.add("area", FieldRule::UnknownCode);
    }
    let words = filter.q.as_deref().and_then(|q| problems.take("q", text::clean_line(q, 0, LONGEST_SEARCH)));
    problems.finish()?;
    let words = words.as_deref().map(fold).unwrap_or_default();
    let serves = |agency: &Agency, code: &str| directory.area_and_above(agency.area_id).any(|area| area.code == code);
    let fits = |agency: &&Agency| {
        filter.on.is_none_or(|on| agency.validity.covers(on))
            && filter.level.is_none_or(|level| agency.level == level)
            && words.split(' ').all(|word| agency.search_name.contains(word))
            && filter.area.as_deref().is_none_or(|code| serves(agency, code))
    };
    Ok(KeysetPage::of(directory.agencies().iter().filter(fits), |agency| agency.id, after, limit))
}

/// Returns one agency.
///
/// # Errors
/// [`ErrorCode::AgencyNotFound`].
pub fn find(directory: &Directory, id: AgencyId) -> Result<&Agency, ServiceError> {
    Ok(directory.agency(id).ok_or(ErrorCode::AgencyNotFound)?)
}

/// Creates an agency.
///
/// # Errors
/// 422 for each invalid field; those of the idempotency key.
pub async fn create(app: &App, by: &AuditActor, new: NewAgency, key: Option<RequestKey>) -> Result<AgencyRecord, ServiceError> {
    let today = app.now().local_date();
    admin_create(app, by, key, move |connection, directory| {
        let mut agency = checked(&new, directory, today)?;
        agency.id = agencies::insert(connection, &agency)?;
        let record = AgencyRecord::of(&agency, directory);
        let event = AuditEvent::new("create_agency", "agency", record.id).created(&record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn checked(new: &NewAgency, directory: &Directory, today: NaiveDate) -> Result<Agency, ServiceError> {
    let mut problems = FieldProblems::default();
    let from = problems.take("valid_from", checks::day(new.valid_from.unwrap_or(today))).unwrap_or(today);
    let validity = Validity::since(from);
    let code = problems.take("code", directory_code(&new.code)).unwrap_or_default();
    problems.take("code", checks::code_is_free(directory.agencies(), &code, validity));
    let name = problems.take("name", checks::name(&new.name)).unwrap_or_default();
    let short_name = problems.take("short_name", short_name(&new.short_name)).unwrap_or_default();
    let area = directory.area_by_code(&new.area, from);
    let area = problems.take("area", checks::in_force(area, directory.knows_area_code(&new.area), from));
    if let Some(area) = area.filter(|area| area.level() != new.level) {
        problems.add("level", FieldRule::OneOf(vec![area.level().to_string()]));
    }
    let parent_id = new.parent.as_ref().and_then(|code| problems.take("parent", parent(directory, code, from)));
    problems.finish()?;
    Ok(Agency {
        id: AgencyId(0),
        search_name: Agency::search_name_of(&code, &name, &short_name),
        code,
        name,
        short_name,
        level: new.level,
        kind: new.kind,
        parent_id,
        area_id: area.ok_or(ServiceError::Internal("an area was checked and is gone"))?.id,
        two_person_approval: new.two_person_approval.unwrap_or(true),
        validity,
        version: 1,
    })
}

fn short_name(text: &str) -> Result<String, FieldRule> {
    text::clean_line(text, 1, LONGEST_SHORT_NAME)
}

fn parent(directory: &Directory, code: &str, day: NaiveDate) -> Result<AgencyId, FieldRule> {
    let found = directory.agency_by_code(code, day);
    checks::in_force(found, directory.knows_agency_code(code), day).map(|agency| agency.id)
}

/// Amends an agency.
///
/// # Errors
/// [`ErrorCode::AgencyNotFound`], [`ErrorCode::StaleVersion`]; 422 for each invalid field.
pub async fn amend(
    app: &App,
    by: &AuditActor,
    id: AgencyId,
    changes: AgencyChanges,
    expected: Option<i32>,
) -> Result<AgencyRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let present = find(directory, id)?;
        checks::version(present.version, expected)?;
        let mut agency = amended(present, &changes, directory, today)?;
        if agency == *present {
            return Ok((AgencyRecord::of(present, directory), ChangeScope::Nothing, AuditEvent::none()));
        }
        agency.version += 1;
        agencies::update(connection, &agency)?;
        let record = AgencyRecord::of(&agency, directory);
        let event = AuditEvent::new("change_agency", "agency", record.id).updated(&AgencyRecord::of(present, directory), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn amended(present: &Agency, changes: &AgencyChanges, directory: &Directory, today: NaiveDate) -> Result<Agency, ServiceError> {
    let mut agency = present.clone();
    let mut problems = FieldProblems::default();
    if let Some(name) = &changes.name {
        agency.name = problems.take("name", checks::name(name)).unwrap_or_default();
    }
    if let Some(name) = &changes.short_name {
        agency.short_name = problems.take("short_name", short_name(name)).unwrap_or_default();
    }
    if let Some(code) = &changes.parent {
        let day = today.max(present.validity.from);
        agency.parent_id = code.as_ref().and_then(|code| problems.take("parent", parent(directory, code, day)));
        let mut above = std::iter::successors(agency.parent_id, |id| directory.agency(*id)?.parent_id);
        if above.any(|id| id == agency.id) {
            problems.add("parent", FieldRule::NotAllowed);
        }
    }
    problems.finish()?;
    agency.kind = changes.kind.unwrap_or(agency.kind);
    agency.two_person_approval = changes.two_person_approval.unwrap_or(agency.two_person_approval);
    agency.search_name = Agency::search_name_of(&agency.code, &agency.name, &agency.short_name);
    Ok(agency)
}

/// Ends an agency. Its open documents stay with it; later ones go to the successor.
///
/// # Errors
/// [`ErrorCode::AgencyNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`]; 422 on `on` and
/// `successor`.
pub async fn end(
    app: &App,
    by: &AuditActor,
    id: AgencyId,
    command: AgencyEnd,
    expected: Option<i32>,
) -> Result<AgencyRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let present = find(directory, id)?;
        checks::version(present.version, expected)?;
        let mut agency = present.clone();
        let successor = command.successor.as_deref().map(|code| successor_of(directory, present, code, command.on)).transpose();
        let (validity, successor) = match (checks::end(present.validity, command.on, today), successor) {
            (Ok(validity), Ok(successor)) => (validity, successor),
            (Err(ServiceError::Invalid(mut problems)), Err(problem)) => {
                problems.push(problem);
                return Err(problems.into());
            }
            (Err(refused), _) => return Err(refused),
            (Ok(_), Err(problem)) => return Err(vec![problem].into()),
        };
        agency.validity = validity;
        agency.version += 1;
        agencies::update(connection, &agency)?;
        let mut record = AgencyRecord::of(&agency, directory);
        if let (Some(code), Some(successor)) = (&command.successor, successor) {
            hand_over(connection, &agency, successor, command.on)?;
            record.successors.push(code.clone());
        }
        let event = AuditEvent::new("end_agency", "agency", record.id).updated(&AgencyRecord::of(present, directory), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn successor_of(directory: &Directory, old: &Agency, code: &str, on: NaiveDate) -> Result<AgencyId, FieldProblem> {
    let successor = parent(directory, code, on.succ_opt().unwrap_or(on)).map_err(|rule| FieldProblem::new("successor", rule))?;
    let is_named = directory.successions().iter().any(|arrow| arrow.old_agency_id == old.id);
    if successor == old.id || is_named { Err(FieldProblem::new("successor", FieldRule::NotAllowed)) } else { Ok(successor) }
}

fn hand_over(connection: &mut DbConnection, old: &Agency, successor: AgencyId, on: NaiveDate) -> Result<(), ServiceError> {
    let effective_on = on.succ_opt().unwrap_or(on);
    let arrow = Succession {
        old_agency_id: old.id,
        new_agency_id: successor,
        effective_on,
        relation: SuccessionRelation::Merged,
        is_primary: true,
    };
    Ok(agencies::insert_succession(connection, &arrow)?)
}
