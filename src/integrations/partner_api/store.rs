//! Tables of API keys, their hourly request counters, and the petitions filed by partners.

use crate::accounts::rules::api_scope::ApiScope;
use crate::db::schema::{api_key_hours, api_keys, partner_petitions, petitions, timeline};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{ApiKeyId, PetitionId};
use crate::petitions::rules::Channel;
use diesel::prelude::*;

/// One API key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = api_keys, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ApiKeyRow {
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ApiKeyId,
    pub name: String,
    pub partner: String,
    /// SHA-256 of the key in hex.
    pub key_hash: String,
    pub scope: ApiScope,
    /// Channel of petitions filed with this key.
    pub channel: Channel,
    /// Rate limit per hour.
    pub requests_per_hour: i32,
    pub created_at: Instant,
    pub ended_at: Option<Instant>,
    /// Incremented by every change.
    pub version: i32,
}

/// Replaces the hash of erased content.
pub const HASH_OF_ERASED: &str = "erased";

/// A petition and its partner id.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = partner_petitions)]
pub struct PartnerPetitionRow {
    /// The partner's id for the petition.
    pub partner_id: String,
    pub partner: String,
    pub petition_id: PetitionId,
    /// SHA-256 of the submitted content in hex.
    pub body_hash: String,
}

/// Returns every key in order of creation, including ended ones.
pub fn all(connection: &mut DbConnection) -> Result<Vec<ApiKeyRow>, StorageError> {
    Ok(api_keys::table.select(ApiKeyRow::as_select()).order(api_keys::id).load(connection)?)
}

/// Returns one key by its id.
pub fn find(connection: &mut DbConnection, id: ApiKeyId) -> Result<Option<ApiKeyRow>, StorageError> {
    Ok(api_keys::table.find(id).select(ApiKeyRow::as_select()).get_result(connection).optional()?)
}

/// Returns one key by its hash.
pub fn find_by_hash(connection: &mut DbConnection, hash: &str) -> Result<Option<ApiKeyRow>, StorageError> {
    let found = api_keys::table.filter(api_keys::key_hash.eq(hash)).select(ApiKeyRow::as_select());
    Ok(found.get_result(connection).optional()?)
}

/// Inserts a key and returns its id.
pub fn insert(connection: &mut DbConnection, row: &ApiKeyRow) -> Result<ApiKeyId, StorageError> {
    let id = diesel::insert_into(api_keys::table).values(row).returning(api_keys::id).get_result(connection)?;
    let hour = (api_key_hours::api_key_id.eq(id), api_key_hours::begun_at.eq(row.created_at), api_key_hours::requests.eq(0));
    diesel::insert_into(api_key_hours::table).values(hour).execute(connection)?;
    Ok(id)
}

/// Stores a change.
pub fn update(connection: &mut DbConnection, row: &ApiKeyRow) -> Result<(), StorageError> {
    diesel::update(api_keys::table.find(row.id)).set(row).execute(connection)?;
    Ok(())
}

/// Counts one request in the hour starting at `hour` and returns the total.
pub fn count_request(connection: &mut DbConnection, key: ApiKeyId, hour: Instant) -> Result<i32, StorageError> {
    let raised = diesel::update(api_key_hours::table.find(key).filter(api_key_hours::begun_at.eq(hour)))
        .set(api_key_hours::requests.eq(api_key_hours::requests + 1))
        .returning(api_key_hours::requests)
        .get_result(connection)
        .optional()?;
    if let Some(requests) = raised {
        return Ok(requests);
    }
    let fresh = (api_key_hours::begun_at.eq(hour), api_key_hours::requests.eq(1));
    diesel::update(api_key_hours::table.find(key)).set(fresh).execute(connection)?;
    Ok(1)
}

/// Returns the petition with that partner id.
pub fn petition(
    connection: &mut DbConnection,
    partner: &str,
    partner_id: &str,
) -> Result<Option<PartnerPetitionRow>, StorageError> {
    let found = partner_petitions::table.find((partner_id, partner)).select(PartnerPetitionRow::as_select());
    Ok(found.get_result(connection).optional()?)
}

/// Returns whether a hash matches the stored one; erased content matches anything, because it cannot be compared.
#[must_use]
pub fn are_same(stored: &str, hash: &str) -> bool {
    stored == hash || stored == HASH_OF_ERASED
}

/// Returns a partner's ids, each with the hash of its content.
pub fn hashes_of(connection: &mut DbConnection, partner: &str) -> Result<Vec<(String, String)>, StorageError> {
    let of_partner = partner_petitions::table.filter(partner_petitions::partner.eq(partner));
    Ok(of_partner.select((partner_petitions::partner_id, partner_petitions::body_hash)).load(connection)?)
}

/// Returns the petition with that id of any partner: for tokens, which cannot be guessed.
pub fn petition_of_token(connection: &mut DbConnection, token: &str) -> Result<Option<PetitionId>, StorageError> {
    let found = partner_petitions::table.filter(partner_petitions::partner_id.eq(token));
    Ok(found.select(partner_petitions::petition_id).first(connection).optional()?)
}

/// Stores the partner id of a petition.
///
/// # Errors
/// A conflict when the id exists already.
pub fn link(connection: &mut DbConnection, row: &PartnerPetitionRow) -> Result<(), StorageError> {
    diesel::insert_into(partner_petitions::table).values(row).execute(connection)?;
    Ok(())
}

/// Returns the changes of a partner's petitions after a timeline position and up to an instant, in order: position,
/// partner id, petition.
pub fn changed(
    connection: &mut DbConnection,
    partner: &str,
    after: i64,
    until: Instant,
    limit: i64,
) -> Result<Vec<(i64, String, PetitionId)>, StorageError> {
    Ok(partner_petitions::table
        .inner_join(petitions::table.on(petitions::id.eq(partner_petitions::petition_id)))
        .inner_join(timeline::table.on(timeline::petition_id.eq(petitions::id)))
        .filter(partner_petitions::partner.eq(partner))
        // Requests filed through Open311 have a token instead of a partner id.
        .filter(partner_petitions::body_hash.ne(""))
        .filter(timeline::id.gt(after))
        .filter(timeline::at.le(until))
        .order(timeline::id)
        .limit(limit)
        .select((timeline::id, partner_petitions::partner_id, partner_petitions::petition_id))
        .load(connection)?)
}
