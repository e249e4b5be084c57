//! Rows of uploaded files and of uploads in pieces; the bytes lie in [`files`](crate::db::file_store).
//!
//! Rule: a file is joined to a petition once, by [`join`], which changes no row that is joined already.

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
    /// Its unguessable name.
    pub id: String,
    /// Who uploaded it; none for guests.
    pub account_id: Option<AccountId>,
    /// What sort of file.
    pub kind: AttachmentKind,
    /// What its bytes are.
    pub media_type: String,
    /// How many bytes the original has.
    pub size: i64,
    /// Of the original, in hexadecimal.
    pub sha256: String,
    /// Whether it may be seen.
    pub state: AttachmentState,
    /// When it was uploaded.
    pub created_at: Instant,
    /// When the scan is tried again, while it waits for it.
    pub check_at: Instant,
    /// With which petition it came.
    pub petition_id: Option<PetitionId>,
    /// With the petition itself or with a reply.
    pub occasion: Option<Occasion>,
    /// When it was joined.
    pub joined_at: Option<Instant>,
    /// Its place among those joined at the same time.
    pub position: Option<i32>,
}

/// An upload in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = uploads, treat_none_as_default_value = false)]
pub struct UploadRow {
    /// Its unguessable name.
    pub id: String,
    /// Who uploads; none for guests.
    pub account_id: Option<AccountId>,
    /// Bytes of the whole file.
    pub length: i64,
    /// When it is forgotten unless more comes.
    pub expires_at: Instant,
    /// The finished file.
    pub attachment_id: Option<String>,
    /// Who pays for it, as a keyed hash; none before that was kept.
    pub source: Option<String>,
    /// Since when it is open; none before that was kept.
    pub begun_at: Option<Instant>,
}

/// A piece of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = upload_parts)]
pub struct PartRow {
    /// Of which upload.
    pub upload_id: String,
    /// Where in the file it begins.
    pub starts_at: i64,
    /// How many bytes it has.
    pub size: i64,
    /// Under which name it lies in the store of files.
    pub name: String,
}

/// Stores a new file.
pub fn insert(connection: &mut DbConnection, row: &AttachmentRow) -> Result<(), StorageError> {
    diesel::insert_into(attachments::table).values(row).execute(connection)?;
    Ok(())
}

/// One file.
pub fn find(connection: &mut DbConnection, id: &str) -> Result<Option<AttachmentRow>, StorageError> {
    Ok(attachments::table.find(id).select(AttachmentRow::as_select()).first(connection).optional()?)
}

/// The next files behind an id, by id.
pub fn page(connection: &mut DbConnection, after: &str, limit: i64) -> Result<Vec<AttachmentRow>, StorageError> {
    let query = attachments::table.filter(attachments::id.gt(after)).order(attachments::id).limit(limit);
    Ok(query.select(AttachmentRow::as_select()).load(connection)?)
}

/// Under which names the pieces of all uploads lie.
pub fn part_names(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    Ok(upload_parts::table.order(upload_parts::name).select(upload_parts::name).load(connection)?)
}

/// The files of a petition in the order in which they came.
pub fn of_petition(connection: &mut DbConnection, petition: PetitionId) -> Result<Vec<AttachmentRow>, StorageError> {
    Ok(attachments::table
        .filter(attachments::petition_id.eq(petition))
        .order((attachments::joined_at, attachments::position))
        .select(AttachmentRow::as_select())
        .load(connection)?)
}

/// Which of these petitions have files.
pub fn petitions_with_files(connection: &mut DbConnection, petitions: &[PetitionId]) -> Result<Vec<PetitionId>, StorageError> {
    let joined = attachments::table.filter(attachments::petition_id.eq_any(petitions)).select(attachments::petition_id);
    let found: Vec<Option<PetitionId>> = joined.distinct().load(connection)?;
    Ok(found.into_iter().flatten().collect())
}

/// Joins a file to a petition; false when it is joined already.
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

/// Ends the waiting of a file for its scan; false when somebody else has ended it.
pub fn settle(connection: &mut DbConnection, id: &str, state: AttachmentState) -> Result<bool, StorageError> {
    let waiting = attachments::table.find(id).filter(attachments::state.eq(AttachmentState::Scanning));
    Ok(diesel::update(waiting).set(attachments::state.eq(state)).execute(connection)? == 1)
}

/// Sets when a waiting file is looked at again.
pub fn put_off(connection: &mut DbConnection, id: &str, until: Instant) -> Result<(), StorageError> {
    diesel::update(attachments::table.find(id)).set(attachments::check_at.eq(until)).execute(connection)?;
    Ok(())
}

/// Files whose scan is due, the longest waiting first.
pub fn waiting(connection: &mut DbConnection, now: Instant, limit: i64) -> Result<Vec<AttachmentRow>, StorageError> {
    Ok(attachments::table
        // Written out, because SQLite takes the index of those that wait for a fixed word only.
        .filter(sql::<Bool>("attachments.state = 'scanning'").and(attachments::check_at.le(now)))
        .order(attachments::check_at)
        .limit(limit)
        .select(AttachmentRow::as_select())
        .load(connection)?)
}

/// Files that were uploaded before an instant and joined to nothing.
pub fn unused(connection: &mut DbConnection, before: Instant, limit: i64) -> Result<Vec<String>, StorageError> {
    Ok(attachments::table
        .filter(attachments::petition_id.is_null().and(attachments::created_at.lt(before)))
        .order(attachments::created_at)
        .limit(limit)
        .select(attachments::id)
        .load(connection)?)
}

/// Takes a file that is joined to nothing out of use; false when it was joined meanwhile.
pub fn retire(connection: &mut DbConnection, id: &str) -> Result<bool, StorageError> {
    let unused = attachments::table.find(id).filter(attachments::petition_id.is_null());
    Ok(diesel::update(unused).set(attachments::state.eq(AttachmentState::Damaged)).execute(connection)? == 1)
}

/// Forgets a file that is joined to nothing; false when it was joined meanwhile.
pub fn forget(connection: &mut DbConnection, id: &str) -> Result<bool, StorageError> {
    let unused = attachments::table.find(id).filter(attachments::petition_id.is_null());
    Ok(diesel::delete(unused).execute(connection)? == 1)
}

/// Files that belong to petitions, after an id, in its order.
pub fn of_all_petitions(connection: &mut DbConnection, after: &str, limit: i64) -> Result<Vec<AttachmentRow>, StorageError> {
    Ok(attachments::table
        .filter(attachments::id.gt(after).and(attachments::petition_id.is_not_null()))
        .order(attachments::id)
        .limit(limit)
        .select(AttachmentRow::as_select())
        .load(connection)?)
}

/// Stores a new upload.
pub fn insert_upload(connection: &mut DbConnection, row: &UploadRow) -> Result<(), StorageError> {
    diesel::insert_into(uploads::table).values(row).execute(connection)?;
    Ok(())
}

/// One upload with its pieces in their order.
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

/// Adds a piece; false when another one begins there already.
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

/// Keeps an upload of which more is on its way until then.
pub fn prolong_upload(connection: &mut DbConnection, id: &str, expires_at: Instant) -> Result<(), StorageError> {
    diesel::update(uploads::table.find(id)).set(uploads::expires_at.eq(expires_at)).execute(connection)?;
    Ok(())
}

/// Notes the file that an upload became, and until when it tells of that.
pub fn finish_upload(connection: &mut DbConnection, id: &str, attachment: &str, expires_at: Instant) -> Result<(), StorageError> {
    let finished = (uploads::attachment_id.eq(attachment), uploads::expires_at.eq(expires_at));
    diesel::update(uploads::table.find(id)).set(finished).execute(connection)?;
    Ok(())
}

/// Uploads whose time is over.
pub fn expired_uploads(connection: &mut DbConnection, now: Instant, limit: i64) -> Result<Vec<String>, StorageError> {
    let expired = uploads::table.filter(uploads::expires_at.lt(now)).order(uploads::expires_at).limit(limit);
    Ok(expired.select(uploads::id).load(connection)?)
}

/// Forgets an upload; the names of its pieces.
pub fn forget_upload(connection: &mut DbConnection, id: &str) -> Result<Vec<String>, StorageError> {
    let names = upload_parts::table.filter(upload_parts::upload_id.eq(id)).select(upload_parts::name).load(connection)?;
    diesel::delete(upload_parts::table.filter(upload_parts::upload_id.eq(id))).execute(connection)?;
    diesel::delete(uploads::table.find(id)).execute(connection)?;
    Ok(names)
}
