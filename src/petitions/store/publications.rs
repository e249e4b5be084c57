//! Storage of public versions, written when an answer is sent: no person, no exact place.

use crate::db::dialect::interruptible::interruptible;
use crate::db::schema::{petitions, publications};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AgencyId, AreaId, CategoryId, PetitionId};
use crate::petitions::rules::Status;
use diesel::prelude::*;

/// The public version of a petition and its answer; all texts masked.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = publications, primary_key(petition_id), treat_none_as_null = true)]
pub struct PublicationRow {
    pub petition_id: PetitionId,
    pub title: String,
    pub content: String,
    /// Title and content, folded for search.
    pub search_text: String,
    pub answer: String,
    pub outcome: String,
    /// Rounded to about 100 m.
    pub latitude: Option<f64>,
    /// Rounded to about 100 m.
    pub longitude: Option<f64>,
    pub answered_at: Instant,
    /// When it was first published; the order of the public list.
    pub published_at: Instant,
    /// Version of the masking rules used.
    pub masked_by: i32,
}

/// A publication with the petition's code, category, commune, status, day of receipt and rating, which may still
/// change.
pub type PublicLine = (PublicationRow, String, CategoryId, AreaId, Status, Instant, Option<i32>);

/// Filter of the public list.
#[derive(Debug, Clone, Default)]
pub struct PublicFilter {
    pub categories: Option<Vec<CategoryId>>,
    pub areas: Option<Vec<AreaId>>,
    /// Folded words that must all occur.
    pub words: Vec<String>,
}

/// Inserts or updates the public version of a petition.
pub fn publish(connection: &mut DbConnection, publication: &PublicationRow) -> Result<(), StorageError> {
    let target = publications::table.find(publication.petition_id);
    if diesel::update(target).set(publication).execute(connection)? == 0 {
        diesel::insert_into(publications::table).values(publication).execute(connection)?;
    }
    Ok(())
}

/// Removes a petition from the public list, if it is on it.
pub fn withdraw(connection: &mut DbConnection, petition: PetitionId) -> Result<(), StorageError> {
    diesel::delete(publications::table.find(petition)).execute(connection)?;
    Ok(())
}

/// Returns the public version of a petition, if there is one.
pub fn of_petition(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<PublicationRow>, StorageError> {
    Ok(publications::table.find(petition).select(PublicationRow::as_select()).first(connection).optional()?)
}

/// Returns up to `limit` publications masked by an earlier version of the rules.
pub fn masked_before(connection: &mut DbConnection, version: i32, limit: i64) -> Result<Vec<PublicationRow>, StorageError> {
    Ok(publications::table
        .filter(publications::masked_by.lt(version))
        .order(publications::petition_id)
        .limit(limit)
        .select(PublicationRow::as_select())
        .load(connection)?)
}

/// Returns a page of the public list, newest first, before the given instant and row number.
pub fn page(
    connection: &mut DbConnection,
    filter: &PublicFilter,
    before: Option<(Instant, PetitionId)>,
    limit: i64,
) -> Result<Vec<PublicLine>, StorageError> {
    let query = publications::table.inner_join(petitions::table.on(petitions::id.eq(publications::petition_id))).into_boxed();
    let mut query = interruptible!(connection, query, "publications.petition_id");
    if let Some(categories) = &filter.categories {
        query = query.filter(petitions::category_id.eq_any(categories));
    }
    if let Some(areas) = &filter.areas {
        query = query.filter(petitions::area_id.eq_any(areas));
    }
    for word in &filter.words {
        let pattern = format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        query = query.filter(publications::search_text.like(pattern).escape('\\'));
    }
    if let Some((at, id)) = before {
        let same = publications::published_at.eq(at).and(publications::petition_id.lt(id));
        query = query.filter(publications::published_at.lt(at).or(same));
    }
    Ok(query
        .order((publications::published_at.desc(), publications::petition_id.desc()))
        .limit(limit)
        .select((
            PublicationRow::as_select(),
            petitions::code,
            petitions::category_id,
            petitions::area_id,
            petitions::status,
            petitions::received_at,
            petitions::score,
        ))
        .load(connection)?)
}

/// Returns the public version of the petition with this code.
pub fn find(connection: &mut DbConnection, code: &str) -> Result<Option<PublicLine>, StorageError> {
    Ok(publications::table
        .inner_join(petitions::table.on(petitions::id.eq(publications::petition_id)))
        .filter(petitions::code.eq(code))
        .select((
            PublicationRow::as_select(),
            petitions::code,
            petitions::category_id,
            petitions::area_id,
            petitions::status,
            petitions::received_at,
            petitions::score,
        ))
        .first(connection)
        .optional()?)
}

/// Selects published petitions.
#[derive(Debug, Clone)]
pub enum PublicationSelection {
    Codes(Vec<String>),
    /// Received between these instants, with these categories and states; an empty list means all.
    Span((Instant, Instant), Vec<CategoryId>, Vec<Status>),
}

/// A published petition with its code, category, status, receipt, deadline and agency.
pub type Open311Line = (PublicationRow, String, CategoryId, Status, Instant, Instant, Option<AgencyId>);

/// Returns published petitions, latest receipt first.
pub fn between(
    connection: &mut DbConnection,
    wanted: &PublicationSelection,
    limit: i64,
) -> Result<Vec<Open311Line>, StorageError> {
    let query = publications::table.inner_join(petitions::table.on(petitions::id.eq(publications::petition_id))).into_boxed();
    let mut query = interruptible!(connection, query, "publications.petition_id");
    query = match wanted {
        PublicationSelection::Codes(codes) => query.filter(petitions::code.eq_any(codes)),
        PublicationSelection::Span((start, end), categories, states) => {
            query = query.filter(petitions::received_at.between(*start, *end));
            if !categories.is_empty() {
                query = query.filter(petitions::category_id.eq_any(categories));
            }
            if !states.is_empty() {
                query = query.filter(petitions::status.eq_any(states));
            }
            query
        }
    };
    Ok(query
        .order((petitions::received_at.desc(), petitions::id.desc()))
        .limit(limit)
        .select((
            PublicationRow::as_select(),
            petitions::code,
            petitions::category_id,
            petitions::status,
            petitions::received_at,
            petitions::due_at,
            petitions::agency_id,
        ))
        .load(connection)?)
}
