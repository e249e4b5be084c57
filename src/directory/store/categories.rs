//! Rows of `categories`; the examples are stored in one column, one per line.

use crate::db::schema::categories;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::area::Level;
use crate::directory::rules::category::Category;
use crate::kernel::ids::CategoryId;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use diesel::prelude::*;

#[derive(Queryable)]
struct CategoryRow {
    id: CategoryId,
    code: String,
    name_vi: String,
    name_en: Option<String>,
    search_name: String,
    parent_id: Option<CategoryId>,
    department_code: String,
    district_division: String,
    default_level: Level,
    processing_working_days: i32,
    examples: String,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = categories, treat_none_as_null = true)]
struct CategoryValues<'a> {
    code: &'a str,
    name_vi: &'a str,
    name_en: Option<&'a str>,
    search_name: &'a str,
    parent_id: Option<CategoryId>,
    department_code: &'a str,
    district_division: &'a str,
    default_level: Level,
    processing_working_days: i32,
    examples: String,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

impl From<CategoryRow> for Category {
    fn from(row: CategoryRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name_vi: row.name_vi,
            name_en: row.name_en,
            search_name: row.search_name,
            parent_id: row.parent_id,
            department_code: row.department_code,
            district_division: row.district_division,
            default_level: row.default_level,
            processing_working_days: row.processing_working_days,
            examples: row.examples.lines().map(str::to_owned).collect(),
            validity: Validity { from: row.valid_from, to: row.valid_to },
            version: row.version,
        }
    }
}

impl<'a> From<&'a Category> for CategoryValues<'a> {
    fn from(category: &'a Category) -> Self {
        Self {
            code: &category.code,
            name_vi: &category.name_vi,
            name_en: category.name_en.as_deref(),
            search_name: &category.search_name,
            parent_id: category.parent_id,
            department_code: &category.department_code,
            district_division: &category.district_division,
            default_level: category.default_level,
            processing_working_days: category.processing_working_days,
            examples: category.examples.join("\n"),
            valid_from: category.validity.from,
            valid_to: category.validity.to,
            version: category.version,
        }
    }
}

/// Returns all categories of any day.
pub fn all(connection: &mut DbConnection) -> Result<Vec<Category>, StorageError> {
    let rows: Vec<CategoryRow> = categories::table.order(categories::id).load(connection)?;
    Ok(rows.into_iter().map(Category::from).collect())
}

/// Inserts a new category; the database assigns its row id.
///
/// # Errors
/// A conflict when the code is taken from that day on.
pub fn insert(connection: &mut DbConnection, category: &Category) -> Result<CategoryId, StorageError> {
    let insert = diesel::insert_into(categories::table).values(CategoryValues::from(category));
    Ok(insert.returning(categories::id).get_result(connection)?)
}

/// Updates all columns of an existing category; the caller has raised its version.
pub fn update(connection: &mut DbConnection, category: &Category) -> Result<(), StorageError> {
    diesel::update(categories::table.find(category.id)).set(CategoryValues::from(category)).execute(connection)?;
    Ok(())
}
