//! Use cases on categories: create, amend and end them (administrators), and the public list.
//!
//! Rules: a code belongs to one category on any day; a new category gets a routing rule at once, so that its
//! petitions do not end up with the coordinator by oversight.

use super::ChangeScope;
use super::admin_change;
use super::admin_create;
use super::areas::End;
use super::checks;
use super::load_reference::{POSITION_STEP, default_rule_of};
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::directory::rules::area::Level;
use crate::directory::rules::category::Category;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::directory_code::directory_code;
use crate::directory::store::{categories, routing_rules};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::CategoryId;
use crate::kernel::paging::KeysetPage;
use crate::kernel::text;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const LONGEST_EXAMPLE: usize = 200;
const MOST_EXAMPLES: usize = 50;
const MOST_WORKING_DAYS: i32 = 365;

/// A category as administrators see it: codes in place of row numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryRecord {
    /// Row number, for the paths of this API.
    pub id: CategoryId,
    /// Code such as `rac-thai-chat-thai`.
    pub code: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    #[schema(required)]
    pub name_en: Option<String>,
    /// Code of a wider category.
    #[schema(required)]
    pub parent: Option<String>,
    /// Code of the provincial department.
    pub department: String,
    /// Suffixes of the district division, joined by `|`.
    pub district_division: String,
    /// Who handles it first.
    pub default_level: Level,
    /// Working days for a petition of normal urgency.
    pub processing_working_days: i32,
    /// What people write about.
    pub examples: Vec<String>,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force, when it has been ended.
    #[schema(required)]
    pub valid_to: Option<NaiveDate>,
    /// Raised by every change; for `If-Match`.
    pub version: i32,
}

/// A new category.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    /// Code that no other category has on the same days.
    pub code: String,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    pub name_en: Option<String>,
    /// Code of a wider category.
    pub parent: Option<String>,
    /// Code of the provincial department.
    pub department: String,
    /// Suffixes of the district division, joined by `|`.
    pub district_division: String,
    /// Who handles it first.
    pub default_level: Level,
    /// Working days for a petition of normal urgency.
    pub processing_working_days: i32,
    /// What people write about.
    #[serde(default)]
    pub examples: Vec<String>,
    /// First day in force; today unless said otherwise.
    pub valid_from: Option<NaiveDate>,
}

/// What may be changed of a category; what is left out stays. Its routing rules are changed for themselves.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryChanges {
    /// Vietnamese name.
    pub name_vi: Option<String>,
    /// English name; `null` for none.
    #[serde(default, deserialize_with = "checks::sent")]
    #[schema(value_type = Option<String>)]
    pub name_en: Option<Option<String>>,
    /// Code of the provincial department.
    pub department: Option<String>,
    /// Suffixes of the district division, joined by `|`.
    pub district_division: Option<String>,
    /// Who handles it first.
    pub default_level: Option<Level>,
    /// Working days for a petition of normal urgency; those that have been filed keep theirs.
    pub processing_working_days: Option<i32>,
    /// What people write about.
    pub examples: Option<Vec<String>>,
}

impl CategoryRecord {
    /// Converts a category, replacing row ids by codes.
    #[must_use]
    pub fn of(category: &Category, directory: &Directory) -> Self {
        let parent = category.parent_id.and_then(|id| directory.category(id));
        Self {
            id: category.id,
            code: category.code.clone(),
            name_vi: category.name_vi.clone(),
            name_en: category.name_en.clone(),
            parent: parent.map(|parent| parent.code.clone()),
            department: category.department_code.clone(),
            district_division: category.district_division.clone(),
            default_level: category.default_level,
            processing_working_days: category.processing_working_days,
            examples: category.examples.clone(),
            valid_from: category.validity.from,
            valid_to: category.validity.to,
            version: category.version,
        }
    }
}

/// Returns one page of the categories in force on a day, or of all, in the order of creation.
///
/// # Errors
/// 422 on `on`.
pub fn list(
    directory: &Directory,
    on: Option<NaiveDate>,
    after: Option<CategoryId>,
    limit: i64,
) -> Result<KeysetPage<&Category, CategoryId>, ServiceError> {
    on.map_or(Ok(()), |on| checks::day(on).map(|_| ())).map_err(|rule| ServiceError::invalid("on", rule))?;
    let fits = |category: &&Category| on.is_none_or(|on| category.validity.covers(on));
    Ok(KeysetPage::of(directory.categories().iter().filter(fits), |category| category.id, after, limit))
}

/// Returns one category.
///
/// # Errors
/// [`ErrorCode::CategoryNotFound`].
pub fn find(directory: &Directory, id: CategoryId) -> Result<&Category, ServiceError> {
    Ok(directory.category(id).ok_or(ErrorCode::CategoryNotFound)?)
}

/// Creates a category and, if no rule names its code yet, its default routing rule at the last position.
///
/// # Errors
/// 422 for each invalid field; those of the idempotency key.
pub async fn create(
    app: &App,
    by: &AuditActor,
    new: NewCategory,
    key: Option<RequestKey>,
) -> Result<CategoryRecord, ServiceError> {
    let today = app.now().local_date();
    admin_create(app, by, key, move |connection, directory| {
        let mut category = checked(&new, directory, today)?;
        category.id = categories::insert(connection, &category)?;
        let mut named = directory.routing_rules().iter().filter_map(|rule| rule.conditions.category.as_ref());
        if !named.any(|codes| codes.as_slice().contains(&category.code)) {
            let last = directory.routing_rules().iter().map(|rule| rule.position).max().unwrap_or(0);
            let rule = default_rule_of(&category, last.saturating_add(POSITION_STEP), category.validity.from);
            routing_rules::insert(connection, &rule)?;
        }
        let record = CategoryRecord::of(&category, directory);
        let event = AuditEvent::new("create_category", "category", record.id).created(&record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn checked(new: &NewCategory, directory: &Directory, today: NaiveDate) -> Result<Category, ServiceError> {
    let mut problems = FieldProblems::default();
    let from = problems.take("valid_from", checks::day(new.valid_from.unwrap_or(today))).unwrap_or(today);
    let validity = Validity::since(from);
    let code = problems.take("code", directory_code(&new.code)).unwrap_or_default();
    problems.take("code", checks::code_is_free(directory.categories(), &code, validity));
    let parent_id = new.parent.as_ref().and_then(|code| {
        let found = directory.category_by_code(code, from);
        problems.take("parent", checks::in_force(found, directory.knows_category_code(code), from)).map(|found| found.id)
    });
    let mut category = Category {
        id: CategoryId(0),
        code,
        name_vi: problems.take("name_vi", checks::name(&new.name_vi)).unwrap_or_default(),
        name_en: new.name_en.as_ref().and_then(|name| problems.take("name_en", checks::name(name))),
        search_name: String::new(),
        parent_id,
        department_code: problems.take("department", department(directory, &new.department, from)).unwrap_or_default(),
        district_division: problems.take("district_division", division(directory, &new.district_division)).unwrap_or_default(),
        default_level: new.default_level,
        processing_working_days: problems.take("processing_working_days", working_days(new.processing_working_days)).unwrap_or(1),
        examples: examples(&new.examples, &mut problems),
        validity,
        version: 1,
    };
    problems.finish()?;
    category.search_name = Category::search_name_of(&category.name_vi, category.name_en.as_deref(), &category.examples);
    Ok(category)
}

fn department(directory: &Directory, code: &str, day: NaiveDate) -> Result<String, FieldRule> {
    let found = directory.agency_by_code(code, day);
    checks::in_force(found, directory.knows_agency_code(code), day).map(|agency| agency.code.clone())
}

/// Validates division suffixes joined by `|`; some agency must have each of them.
pub(super) fn division(directory: &Directory, suffixes: &str) -> Result<String, FieldRule> {
    let suffixes = text::clean_line(suffixes, 1, LONGEST_EXAMPLE)?;
    let exists = |suffix: &str| directory.agencies().iter().any(|agency| agency.is_division(suffix));
    if suffixes.split('|').all(exists) { Ok(suffixes) } else { Err(FieldRule::UnknownCode) }
}

fn working_days(days: i32) -> Result<i32, FieldRule> {
    let is_possible = (1..=MOST_WORKING_DAYS).contains(&days);
    if is_possible { Ok(days) } else { Err(FieldRule::Between("1".to_owned(), MOST_WORKING_DAYS.to_string())) }
}

fn examples(texts: &[String], problems: &mut FieldProblems) -> Vec<String> {
    if texts.len() > MOST_EXAMPLES {
        problems.add("examples", FieldRule::Between("0".to_owned(), MOST_EXAMPLES.to_string()));
    }
    let check = |(place, text): (usize, &String)| {
        problems.take(&format!("examples[{place}]"), text::clean_line(text, 1, LONGEST_EXAMPLE))
    };
    texts.iter().enumerate().filter_map(check).collect()
}

/// Amends a category.
///
/// # Errors
/// [`ErrorCode::CategoryNotFound`], [`ErrorCode::StaleVersion`]; 422 for each invalid field.
pub async fn amend(
    app: &App,
    by: &AuditActor,
    id: CategoryId,
    changes: CategoryChanges,
    expected: Option<i32>,
) -> Result<CategoryRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let present = find(directory, id)?;
        checks::version(present.version, expected)?;
        let mut category = amended(present, &changes, directory, today)?;
        if category == *present {
            return Ok((CategoryRecord::of(present, directory), ChangeScope::Nothing, AuditEvent::none()));
        }
        category.version += 1;
        categories::update(connection, &category)?;
        let record = CategoryRecord::of(&category, directory);
        let event =
            AuditEvent::new("change_category", "category", record.id).updated(&CategoryRecord::of(present, directory), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}

fn amended(
    present: &Category,
    changes: &CategoryChanges,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Category, ServiceError> {
    let mut category = present.clone();
    let mut problems = FieldProblems::default();
    if let Some(name) = &changes.name_vi {
        category.name_vi = problems.take("name_vi", checks::name(name)).unwrap_or_default();
    }
    if let Some(name) = &changes.name_en {
        category.name_en = name.as_ref().and_then(|name| problems.take("name_en", checks::name(name)));
    }
    if let Some(code) = &changes.department {
        let day = today.max(present.validity.from);
        category.department_code = problems.take("department", department(directory, code, day)).unwrap_or_default();
    }
    if let Some(suffixes) = &changes.district_division {
        category.district_division = problems.take("district_division", division(directory, suffixes)).unwrap_or_default();
    }
    if let Some(days) = changes.processing_working_days {
        category.processing_working_days = problems.take("processing_working_days", working_days(days)).unwrap_or_default();
    }
    if let Some(texts) = &changes.examples {
        category.examples = examples(texts, &mut problems);
    }
    problems.finish()?;
    category.default_level = changes.default_level.unwrap_or(category.default_level);
    category.search_name = Category::search_name_of(&category.name_vi, category.name_en.as_deref(), &category.examples);
    Ok(category)
}

/// Ends a category. Petitions that refer to it keep it.
///
/// # Errors
/// [`ErrorCode::CategoryNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`]; 422 on `on`.
pub async fn end(
    app: &App,
    by: &AuditActor,
    id: CategoryId,
    end: End,
    expected: Option<i32>,
) -> Result<CategoryRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let present = find(directory, id)?;
        checks::version(present.version, expected)?;
        let mut category = present.clone();
        category.validity = checks::end(present.validity, end.on, today)?;
        category.version += 1;
        categories::update(connection, &category)?;
        let record = CategoryRecord::of(&category, directory);
        let event =
            AuditEvent::new("end_category", "category", record.id).updated(&CategoryRecord::of(present, directory), &record);
        Ok((record, ChangeScope::Directory, event))
    })
    .await
}
