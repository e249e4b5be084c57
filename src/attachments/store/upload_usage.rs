//! Upload usage: bytes per source and hour, and the bytes of everything not joined to a petition yet.

use crate::db::schema::{attachments, upload_sources, uploads};
use crate::db::{DbConnection, StorageError};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

#[derive(QueryableByName)]
struct ChargedBytes {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// Adds bytes to (or subtracts them from) a source's usage in an hour; returns the new total.
pub fn charge(connection: &mut DbConnection, source: &str, hour: i64, bytes: i64) -> Result<i64, StorageError> {
    let charged: ChargedBytes = diesel::sql_query(
        "INSERT INTO upload_sources (source, hour, bytes) VALUES ($1, $2, $3) \
         ON CONFLICT (source, hour) DO UPDATE SET bytes = upload_sources.bytes + excluded.bytes RETURNING bytes",
    )
    .bind::<Text, _>(source)
    .bind::<BigInt, _>(hour)
    .bind::<BigInt, _>(bytes)
    .get_result(connection)?;
    Ok(charged.bytes)
}

/// Returns the usage of a source in an hour, in bytes.
pub fn charged(connection: &mut DbConnection, source: &str, hour: i64) -> Result<i64, StorageError> {
    let found = upload_sources::table.find((source, hour)).select(upload_sources::bytes).get_result(connection).optional()?;
    Ok(found.unwrap_or_default())
}

/// Returns the usage of a source since an hour, in bytes.
pub fn charged_since(connection: &mut DbConnection, source: &str, hour: i64) -> Result<i64, StorageError> {
    let since = upload_sources::table.filter(upload_sources::source.eq(source).and(upload_sources::hour.ge(hour)));
    Ok(since.select(sql::<BigInt>("CAST(COALESCE(SUM(bytes), 0) AS BIGINT)")).get_result(connection)?)
}

/// Returns the bytes that a source has announced in open resumable uploads and not sent yet; each upload counts
/// as at least `least` bytes.
pub fn awaited(connection: &mut DbConnection, source: &str, least: i64) -> Result<i64, StorageError> {
    // An upload stores all its payers as keyed hashes, separated by spaces.
    let open = uploads::table.filter(uploads::attachment_id.is_null().and(uploads::source.like(format!("%{source}%"))));
    let missing = format!(
        "CASE WHEN length < {least} THEN {least} ELSE length END \
         - COALESCE((SELECT SUM(size) FROM upload_parts WHERE upload_id = uploads.id), 0)"
    );
    Ok(open.select(sql::<BigInt>(&format!("CAST(COALESCE(SUM({missing}), 0) AS BIGINT)"))).get_result(connection)?)
}

/// Deletes the usage of hours before this one.
pub fn forget(connection: &mut DbConnection, before: i64) -> Result<usize, StorageError> {
    Ok(diesel::delete(upload_sources::table.filter(upload_sources::hour.lt(before))).execute(connection)?)
}

/// Returns the bytes of unjoined files and of open resumable uploads (at their full length); each counts as at
/// least `least` bytes.
pub fn unjoined(connection: &mut DbConnection, least: i64) -> Result<i64, StorageError> {
    let sum =
        |column: &str| format!("CAST(COALESCE(SUM(CASE WHEN {column} < {least} THEN {least} ELSE {column} END), 0) AS BIGINT)");
    let files: i64 = attachments::table
        .filter(attachments::petition_id.is_null())
        .select(sql::<BigInt>(&sum("size")))
        .get_result(connection)?;
    let open: i64 =
        uploads::table.filter(uploads::attachment_id.is_null()).select(sql::<BigInt>(&sum("length"))).get_result(connection)?;
    Ok(files.saturating_add(open))
}
