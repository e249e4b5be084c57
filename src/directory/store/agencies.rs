//! Rows of `agencies` and `agency_successors`.

use crate::db::schema::{agencies, agency_successors};
use crate::db::{DbConnection, StorageError};
use crate::directory::rules::agency::{Agency, AgencyKind, Succession, SuccessionRelation};
use crate::directory::rules::area::Level;
use crate::kernel::ids::{AgencyId, AreaId};
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use diesel::prelude::*;

#[derive(Queryable)]
struct AgencyRow {
    id: AgencyId,
    code: String,
    name: String,
    short_name: String,
    search_name: String,
    level: Level,
    kind: AgencyKind,
    parent_id: Option<AgencyId>,
    area_id: AreaId,
    two_person_approval: bool,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = agencies, treat_none_as_null = true)]
struct AgencyValues<'a> {
    code: &'a str,
    name: &'a str,
    short_name: &'a str,
    search_name: &'a str,
    level: Level,
    kind: AgencyKind,
    parent_id: Option<AgencyId>,
    area_id: AreaId,
    two_person_approval: bool,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    version: i32,
}

#[derive(Queryable)]
struct SuccessionRow {
    old_agency_id: AgencyId,
    new_agency_id: AgencyId,
    effective_on: NaiveDate,
    relation: SuccessionRelation,
    is_primary: bool,
}

impl From<AgencyRow> for Agency {
    fn from(row: AgencyRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            short_name: row.short_name,
            search_name: row.search_name,
            level: row.level,
            kind: row.kind,
            parent_id: row.parent_id,
            area_id: row.area_id,
            two_person_approval: row.two_person_approval,
            validity: Validity { from: row.valid_from, to: row.valid_to },
            version: row.version,
        }
    }
}

impl<'a> From<&'a Agency> for AgencyValues<'a> {
    fn from(agency: &'a Agency) -> Self {
        Self {
            code: &agency.code,
            name: &agency.name,
            short_name: &agency.short_name,
            search_name: &agency.search_name,
            level: agency.level,
            kind: agency.kind,
            parent_id: agency.parent_id,
            area_id: agency.area_id,
            two_person_approval: agency.two_person_approval,
            valid_from: agency.validity.from,
            valid_to: agency.validity.to,
            version: agency.version,
        }
    }
}

/// Returns all agencies of any day.
pub fn all(connection: &mut DbConnection) -> Result<Vec<Agency>, StorageError> {
    let rows: Vec<AgencyRow> = agencies::table.order(agencies::id).load(connection)?;
    Ok(rows.into_iter().map(Agency::from).collect())
}

/// Returns all successions.
pub fn successions(connection: &mut DbConnection) -> Result<Vec<Succession>, StorageError> {
    let rows: Vec<SuccessionRow> = agency_successors::table
        .order(agency_successors::id)
        .select((
            agency_successors::old_agency_id,
            agency_successors::new_agency_id,
            agency_successors::effective_on,
            agency_successors::relation,
            agency_successors::is_primary,
        ))
        .load(connection)?;
    let succession = |row: SuccessionRow| Succession {
        old_agency_id: row.old_agency_id,
        new_agency_id: row.new_agency_id,
        effective_on: row.effective_on,
        relation: row.relation,
        is_primary: row.is_primary,
    };
    Ok(rows.into_iter().map(succession).collect())
}

/// Inserts a new agency; the database assigns its row id.
///
/// # Errors
/// A conflict when the code is taken from that day on.
pub fn insert(connection: &mut DbConnection, agency: &Agency) -> Result<AgencyId, StorageError> {
    Ok(diesel::insert_into(agencies::table).values(AgencyValues::from(agency)).returning(agencies::id).get_result(connection)?)
}

/// Updates all columns of an existing agency; the caller has raised its version.
pub fn update(connection: &mut DbConnection, agency: &Agency) -> Result<(), StorageError> {
    diesel::update(agencies::table.find(agency.id)).set(AgencyValues::from(agency)).execute(connection)?;
    Ok(())
}

/// Inserts a succession.
///
/// # Errors
/// A conflict when the pair exists.
pub fn insert_succession(connection: &mut DbConnection, succession: &Succession) -> Result<(), StorageError> {
    diesel::insert_into(agency_successors::table)
        .values((
            agency_successors::old_agency_id.eq(succession.old_agency_id),
            agency_successors::new_agency_id.eq(succession.new_agency_id),
            agency_successors::effective_on.eq(succession.effective_on),
            agency_successors::relation.eq(succession.relation),
            agency_successors::is_primary.eq(succession.is_primary),
        ))
        .execute(connection)?;
    Ok(())
}
