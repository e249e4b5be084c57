//! Keys of other systems, how often they come, and the petitions that came from them.

use crate::accounts::rules::api_scope::ApiScope;
use crate::db::schema::{api_key_hours, api_keys, partner_petitions, petitions, timeline};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{ApiKeyId, PetitionId};
use crate::petitions::rules::Channel;
use diesel::prelude::*;

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = api_keys, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ApiKeyRow {
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ApiKeyId,
    /// What administrators call it.
    pub name: String,
    /// Whose it is.
    pub partner: String,
    /// SHA-256 of the key, in hexadecimal digits.
    pub key_hash: String,
    /// What it opens.
    pub scope: ApiScope,
    /// How petitions filed with it came in.
    pub channel: Channel,
    /// How often it may come in an hour.
    pub requests_per_hour: i32,
    /// When it was made.
    pub created_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Raised by every change.
    pub version: i32,
}

/// In place of the hash of words that were erased.
pub const HASH_OF_ERASED: &str = "erased";

/// A petition under the name that a partner has for it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = partner_petitions)]
pub struct PartnerPetitionRow {
    /// The partner's name for it.
    pub partner_id: String,
    /// The partner.
    pub partner: String,
    /// Which petition.
    pub petition_id: PetitionId,
    /// SHA-256 of what was sent, in hexadecimal digits.
    pub body_hash: String,
}

/// Every key, ended ones too, in the order in which they were made.
pub fn all(connection: &mut DbConnection) -> Result<Vec<ApiKeyRow>, StorageError> {
    Ok(api_keys::table.select(ApiKeyRow::as_select()).order(api_keys::id).load(connection)?)
}

/// One key by its row number.
pub fn find(connection: &mut DbConnection, id: ApiKeyId) -> Result<Option<ApiKeyRow>, StorageError> {
    Ok(api_keys::table.find(id).select(ApiKeyRow::as_select()).get_result(connection).optional()?)
}

/// One key by its hash.
pub fn find_by_hash(connection: &mut DbConnection, hash: &str) -> Result<Option<ApiKeyRow>, StorageError> {
    let found = api_keys::table.filter(api_keys::key_hash.eq(hash)).select(ApiKeyRow::as_select());
    Ok(found.get_result(connection).optional()?)
}

/// Stores a new key and returns its number.
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

/// Counts one request in the hour that began then, and says how many there were.
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

/// What a partner knows under that name.
pub fn petition(
    connection: &mut DbConnection,
    partner: &str,
    partner_id: &str,
) -> Result<Option<PartnerPetitionRow>, StorageError> {
    let found = partner_petitions::table.find((partner_id, partner)).select(PartnerPetitionRow::as_select());
    Ok(found.get_result(connection).optional()?)
}

/// Whether words with a hash are those that were stored under a name; of words that were erased nobody can tell, and it is so.
#[must_use]
pub fn are_same(stored: &str, hash: &str) -> bool {
    stored == hash || stored == HASH_OF_ERASED
}

/// The names that a partner has for petitions, each with the hash of what came under it.
pub fn hashes_of(connection: &mut DbConnection, partner: &str) -> Result<Vec<(String, String)>, StorageError> {
    let of_partner = partner_petitions::table.filter(partner_petitions::partner.eq(partner));
    Ok(of_partner.select((partner_petitions::partner_id, partner_petitions::body_hash)).load(connection)?)
}

/// The petition with that name, whoever gave it: for tokens, which nobody can guess.
pub fn petition_of_token(connection: &mut DbConnection, token: &str) -> Result<Option<PetitionId>, StorageError> {
    let found = partner_petitions::table.filter(partner_petitions::partner_id.eq(token));
    Ok(found.select(partner_petitions::petition_id).first(connection).optional()?)
}

/// Writes down under which name a partner knows a petition.
///
/// # Errors
/// A name that is taken is a conflict.
pub fn link(connection: &mut DbConnection, row: &PartnerPetitionRow) -> Result<(), StorageError> {
    diesel::insert_into(partner_petitions::table).values(row).execute(connection)?;
    Ok(())
}

/// What happened to a partner's petitions behind a place in the timeline and up to an instant, in order: place, name, petition.
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
        // What was filed at the Open311 endpoint has a token in the place of a name.
        .filter(partner_petitions::body_hash.ne(""))
        .filter(timeline::id.gt(after))
        .filter(timeline::at.le(until))
        .order(timeline::id)
        .limit(limit)
        .select((timeline::id, partner_petitions::partner_id, partner_petitions::petition_id))
        .load(connection)?)
}
