//! Database rows of attachments and resumable uploads; the bytes are in [`files`](crate::db::file_store).
//!
//! A file is joined to a petition once: [`join`] does not change a row that is already joined.

mod columns;
pub mod upload_usage;

use crate::attachments::rules::{AttachmentKind, AttachmentState, Occasion};
use crate::db::schema::{attachments, upload_parts, uploads};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, PetitionId};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub struct AttachmentRow {
    pub id: String,
    /// The uploading account; `None` for guests.
    pub account_id: Option<AccountId>,
    pub kind: AttachmentKind,
    /// The recognised media type.
    pub media_type: String,
    /// Bytes of the original.
    pub size: i64,
    /// SHA-256 of the original, in hexadecimal.
    pub sha256: String,
    pub state: AttachmentState,
    pub created_at: Instant,
    /// When the scan is retried, while the file waits for it.
    pub check_at: Instant,
    pub petition_id: Option<PetitionId>,
    pub occasion: Option<Occasion>,
    pub joined_at: Option<Instant>,
    /// The position among files joined at the same time.
    pub position: Option<i32>,
}

/// A resumable upload.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = uploads, treat_none_as_default_value = false)]
pub struct UploadRow {
    pub id: String,
    /// The uploading account; `None` for guests.
    pub account_id: Option<AccountId>,
    /// Bytes of the whole file.
    pub length: i64,
    /// When it expires unless more data arrives.
    pub expires_at: Instant,
    /// The finished attachment.
    pub attachment_id: Option<String>,
    /// The payers as keyed hashes; `None` for rows from before this was stored.
    pub source: Option<String>,
    /// When it was created; `None` for rows from before this was stored.
    pub begun_at: Option<Instant>,
}

/// A stored part of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = upload_parts)]
pub struct PartRow {
    pub upload_id: String,
    /// The offset in the file.
    pub starts_at: i64,
    /// Bytes of the part.
    pub size: i64,
    /// Its name in the file store.
    pub name: String,
}

/// Inserts a new file.
pub fn insert(connection: &mut DbConnection, row: &AttachmentRow) -> Result<(), StorageError> {
    diesel::insert_into(attachments::table).values(row).execute(connection)?;
    Ok(())
}

/// Returns one file.
pub fn find(connection: &mut DbConnection, id: &str) -> Result<Option<AttachmentRow>, StorageError> {
    Ok(attachments::table.find(id).select(AttachmentRow::as_select()).first(connection).optional()?)
}

/// Returns the next files after an ID, ordered by ID.
pub fn page(connection: &mut DbConnection, after: &str, limit: i64) -> Result<Vec<AttachmentRow>, StorageError> {
    let query = attachments::table.filter(attachments::id.gt(after)).order(attachments::id).limit(limit);
    Ok(query.select(AttachmentRow::as_select()).load(connection)?)
}

/// Returns the store names of the parts of all uploads.
pub fn part_names(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    Ok(upload_parts::table.order(upload_parts::name).select(upload_parts::name).load(connection)?)
}

/// Returns the files of a petition in the order in which they were joined.
pub fn of_petition(connection: &mut DbConnection, petition: PetitionId) -> Result<Vec<AttachmentRow>, StorageError> {
    Ok(attachments::table
        .filter(attachments::petition_id.eq(petition))
        .order((attachments::joined_at, attachments::position))
        .select(AttachmentRow::as_select())
        .load(connection)?)
}

/// Returns those of these petitions that have files.
pub fn petitions_with_files(connection: &mut DbConnection, petitions: &[PetitionId]) -> Result<Vec<PetitionId>, StorageError> {
    let joined = attachments::table.filter(attachments::petition_id.eq_any(petitions)).select(attachments::petition_id);
    let found: Vec<Option<PetitionId>> = joined.distinct().load(connection)?;
    Ok(found.into_iter().flatten().collect())
}

/// Joins a file to a petition; returns false when it is already joined.
pub fn join(
    connection: &mut DbConnection,
    id: &str,
    petition: PetitionId,
    (occasion, position): (Occasion, i32),
    at: Instant,
) -> Result<bool, StorageError> {
    let rows = diesel::update(attachments::table.find(id).filter(attachments::petition_id.is_null()))
        .set((
            attachments::petition_id.eq(petition),
            attachments::occasion.eq(occasion),
            attachments::joined_at.eq(at),
            attachments::position.eq(position),
        ))
        .execute(connection)?;
    Ok(rows == 1)
}

/// Sets the final state of a file that waits for its scan; returns false when another process has done so.
pub fn settle(connection: &mut DbConnection, id: &str, state: AttachmentState) -> Result<bool, StorageError> {
    let waiting = attachments::table.find(id).filter(attachments::state.eq(AttachmentState::Scanning));
    Ok(diesel::update(waiting).set(attachments::state.eq(state)).execute(connection)? == 1)
}

/// Sets when a waiting file is checked again.
pub fn put_off(connection: &mut DbConnection, id: &str, until: Instant) -> Result<(), StorageError> {
    diesel::update(attachments::table.find(id)).set(attachments::check_at.eq(until)).execute(connection)?;
    Ok(())
}

/// Returns files whose scan is due, the longest waiting first.
pub fn waiting(connection: &mut DbConnection, now: Instant, limit: i64) -> Result<Vec<AttachmentRow>, StorageError> {
    Ok(attachments::table
        // A literal, because SQLite uses the partial index only with a constant, not with a bound parameter.
        .filter(sql::<Bool>("attachments.state = 'scanning'").and(attachments::check_at.le(now)))
        .order(attachments::check_at)
        .limit(limit)
        .select(AttachmentRow::as_select())
        .load(connection)?)
}

/// Returns files uploaded before an instant and not joined.
pub fn unused(connection: &mut DbConnection, before: Instant, limit: i64) -> Result<Vec<String>, StorageError> {
    Ok(attachments::table
        .filter(attachments::petition_id.is_null().and(attachments::created_at.lt(before)))
        .order(attachments::created_at)
        .limit(limit)
        .select(attachments::id)
        .load(connection)?)
}

/// Takes an unjoined file out of use; returns false when it was joined in the meantime.
pub fn retire(connection: &mut DbConnection, id: &str) -> Result<bool, StorageError> {
    let unused = attachments::table.find(id).filter(attachments::petition_id.is_null());
    Ok(diesel::update(unused).set(attachments::state.eq(AttachmentState::Damaged)).execute(connection)? == 1)
}

/// Deletes the row of an unjoined file; returns false when it was joined in the meantime.
pub fn forget(connection: &mut DbConnection, id: &str) -> Result<bool, StorageError> {
    let unused = attachments::table.find(id).filter(attachments::petition_id.is_null());
    Ok(diesel::delete(unused).execute(connection)? == 1)
}

/// Returns joined files after an ID, ordered by ID.
pub fn of_all_petitions(connection: &mut DbConnection, after: &str, limit: i64) -> Result<Vec<AttachmentRow>, StorageError> {
    Ok(attachments::table
        .filter(attachments::id.gt(after).and(attachments::petition_id.is_not_null()))
        .order(attachments::id)
        .limit(limit)
        .select(AttachmentRow::as_select())
        .load(connection)?)
}

/// Inserts a new upload.
pub fn insert_upload(connection: &mut DbConnection, row: &UploadRow) -> Result<(), StorageError> {
    diesel::insert_into(uploads::table).values(row).execute(connection)?;
    Ok(())
}

/// Returns an upload and its parts in order.
pub fn find_upload(connection: &mut DbConnection, id: &str) -> Result<Option<(UploadRow, Vec<PartRow>)>, StorageError> {
    let Some(row) = uploads::table.find(id).select(UploadRow::as_select()).first(connection).optional()? else {
        return Ok(None);
    };
    let parts = upload_parts::table
        .filter(upload_parts::upload_id.eq(id))
        .order(upload_parts::starts_at)
        .select(PartRow::as_select())
        .load(connection)?;
    Ok(Some((row, parts)))
}

/// Inserts a part; returns false when a part with this offset exists.
pub fn insert_part(connection: &mut DbConnection, row: &PartRow, expires_at: Instant) -> Result<bool, StorageError> {
    let rows = diesel::sql_query(
        "INSERT INTO upload_parts (upload_id, starts_at, size, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(&row.upload_id)
    .bind::<BigInt, _>(row.starts_at)
    .bind::<BigInt, _>(row.size)
    .bind::<Text, _>(&row.name)
    .execute(connection)?;
    prolong_upload(connection, &row.upload_id, expires_at)?;
    Ok(rows == 1)
}

/// Extends the expiry of an upload whose data is still arriving.
pub fn prolong_upload(connection: &mut DbConnection, id: &str, expires_at: Instant) -> Result<(), StorageError> {
    diesel::update(uploads::table.find(id)).set(uploads::expires_at.eq(expires_at)).execute(connection)?;
    Ok(())
}

/// Stores the attachment that an upload became, and until when the upload can still be queried.
pub fn finish_upload(connection: &mut DbConnection, id: &str, attachment: &str, expires_at: Instant) -> Result<(), StorageError> {
    let finished = (uploads::attachment_id.eq(attachment), uploads::expires_at.eq(expires_at));
    diesel::update(uploads::table.find(id)).set(finished).execute(connection)?;
    Ok(())
}

/// Returns expired uploads.
pub fn expired_uploads(connection: &mut DbConnection, now: Instant, limit: i64) -> Result<Vec<String>, StorageError> {
    let expired = uploads::table.filter(uploads::expires_at.lt(now)).order(uploads::expires_at).limit(limit);
    Ok(expired.select(uploads::id).load(connection)?)
}

/// Deletes an upload; returns the store names of its parts.
pub fn forget_upload(connection: &mut DbConnection, id: &str) -> Result<Vec<String>, StorageError> {
    let names = upload_parts::table.filter(upload_parts::upload_id.eq(id)).select(upload_parts::name).load(connection)?;
    diesel::delete(upload_parts::table.filter(upload_parts::upload_id.eq(id))).execute(connection)?;
    diesel::delete(uploads::table.find(id)).execute(connection)?;
    Ok(names)
}
