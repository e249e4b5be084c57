//! Rows of `areas`.

use crate::db::schema::areas;
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::area::{Area, AreaKind};
use crate::kernel::ids::AreaId;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use diesel::prelude::*;

#[derive(Queryable)]
struct AreaRow {
    id: AreaId,
    code: String,
    name: String,
    search_name: String,
    kind: AreaKind,
    parent_id: Option<AreaId>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = areas, treat_none_as_null = true)]
struct AreaValues<'a> {
    code: &'a str,
    name: &'a str,
    search_name: &'a str,
    kind: AreaKind,
    parent_id: Option<AreaId>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

impl From<AreaRow> for Area {
    fn from(row: AreaRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            search_name: row.search_name,
            kind: row.kind,
            parent_id: row.parent_id,
            latitude: row.latitude,
            longitude: row.longitude,
            validity: Validity { from: row.valid_from, to: row.valid_to },
            version: row.version,
        }
    }
}

impl<'a> From<&'a Area> for AreaValues<'a> {
    fn from(area: &'a Area) -> Self {
        Self {
            code: &area.code,
            name: &area.name,
            search_name: &area.search_name,
            kind: area.kind,
            parent_id: area.parent_id,
            latitude: area.latitude,
            longitude: area.longitude,
            valid_from: area.validity.from,
            valid_to: area.validity.to,
            version: area.version,
        }
    }
}

/// Returns all areas of any day.
pub fn all(connection: &mut DbConnection) -> Result<Vec<Area>, StorageError> {
    let rows: Vec<AreaRow> = areas::table.order(areas::id).load(connection)?;
    Ok(rows.into_iter().map(Area::from).collect())
}

/// Inserts a new area; the database assigns its row id.
///
/// # Errors
/// A conflict when the code is taken from that day on.
pub fn insert(connection: &mut DbConnection, area: &Area) -> Result<AreaId, StorageError> {
    Ok(diesel::insert_into(areas::table).values(AreaValues::from(area)).returning(areas::id).get_result(connection)?)
}

/// Updates all columns of an existing area; the caller has raised its version.
pub fn update(connection: &mut DbConnection, area: &Area) -> Result<(), StorageError> {
    diesel::update(areas::table.find(area.id)).set(AreaValues::from(area)).execute(connection)?;
    Ok(())
}
