//! Queries of the audit record and its signed heads: rows are inserted and read, never changed.

pub mod anchors;
pub mod append;

use crate::audit::rules::AuditEntry;
use crate::audit::rules::head::{AuditHead, StreamEnd, StreamEnds};
use crate::db::schema::{accounts, audit, audit_head_streams, audit_heads, audit_streams};
use crate::db::{DbConnection, StorageError};
use crate::kernel::ids::AccountId;
use diesel::dsl::max;
use diesel::prelude::*;
use std::collections::HashMap;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct AuditRow {
    stream: String,
    sequence: i64,
    at: String,
    account_id: Option<AccountId>,
    roles: String,
    action: String,
    subject_kind: String,
    subject: String,
    source: Option<String>,
    request_id: Option<String>,
    detail: String,
    previous_hash: String,
    hash: String,
}

impl AuditRow {
    fn into_entry(self) -> (AuditEntry, String) {
        let Self { stream, sequence, at, account_id, roles, action, subject_kind, subject, .. } = self;
        let Self { source, request_id, detail, previous_hash, hash, .. } = self;
        let entry = AuditEntry {
            stream,
            sequence,
            at,
            account_id,
            roles,
            action,
            subject_kind,
            subject,
            source,
            request_id,
            detail,
            previous_hash,
        };
        (entry, hash)
    }
}

/// Appends an entry to its stream, which stays locked until the transaction ends; sets number and previous hash.
pub fn append(connection: &mut DbConnection, mut entry: AuditEntry) -> Result<(), StorageError> {
    let (last, previous_hash, last_at) = crate::audit::store::append::lock_tail(connection, &entry.stream)?;
    entry.sequence = last + 1;
    entry.previous_hash = previous_hash;
    // The clock may have been set back; later entries never have earlier times.
    entry.at = entry.at.max(last_at);
    let hash = entry.hash();
    crate::audit::store::append::enter(connection, &entry, &hash)
}

/// Returns entries with their stored hashes in the order of streams and numbers, after one of them, for `pakn
/// verify`.
pub fn page(
    connection: &mut DbConnection,
    after: Option<&(String, i64)>,
    limit: i64,
) -> Result<Vec<(AuditEntry, String)>, StorageError> {
    let mut query = audit::table.order((audit::stream, audit::sequence)).limit(limit).select(AuditRow::as_select()).into_boxed();
    if let Some((stream, sequence)) = after {
        let behind = audit::stream.eq(stream).and(audit::sequence.gt(sequence));
        query = query.filter(audit::stream.gt(stream).or(behind));
    }
    Ok(query.load(connection)?.into_iter().map(AuditRow::into_entry).collect())
}

/// Returns the ends of all streams, as one consistent view.
pub fn ends(connection: &mut DbConnection) -> Result<StreamEnds, StorageError> {
    let end = (audit_streams::stream, audit_streams::last_sequence, audit_streams::last_hash);
    let rows: Vec<(String, i64, String)> = audit_streams::table.select(end).load(connection)?;
    Ok(rows.into_iter().map(|(stream, sequence, hash)| (stream, StreamEnd { sequence, hash })).collect())
}

/// Returns streams whose end has another time than their last entry; ends written before times were stored have an
/// empty time and are skipped.
pub fn streams_with_another_time(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    let last = audit::stream.eq(audit_streams::stream).and(audit::sequence.eq(audit_streams::last_sequence));
    Ok(audit_streams::table
        .inner_join(audit::table.on(last))
        .filter(audit_streams::last_at.ne("").and(audit_streams::last_at.ne(audit::at)))
        .order(audit_streams::stream)
        .select(audit_streams::stream)
        .load(connection)?)
}

/// Returns the stored hash of one entry.
pub fn hash_of(connection: &mut DbConnection, stream: &str, sequence: i64) -> Result<Option<String>, StorageError> {
    Ok(audit::table.find((stream, sequence)).select(audit::hash).first(connection).optional()?)
}

/// Returns the details of entries about petitions with these codes, each with its code, in the order of time.
pub fn details(connection: &mut DbConnection, actions: &[&str], codes: &[String]) -> Result<Vec<(String, String)>, StorageError> {
    let mut found = Vec::new();
    for part in codes.chunks(500) {
        let rows: Vec<(String, String)> = audit::table
            .filter(audit::subject.eq_any(part))
            .filter(audit::subject_kind.eq("petition"))
            .filter(audit::action.eq_any(actions.to_vec()))
            .order((audit::at, audit::stream, audit::sequence))
            .select((audit::subject, audit::detail))
            .load(connection)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The filter of [`list`].
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Inclusive, in stored form.
    pub from: Option<String>,
    /// Exclusive, in stored form.
    pub to: Option<String>,
    pub account: Option<AccountId>,
    pub action: Option<String>,
    pub subject_kind: Option<String>,
    /// Id or code.
    pub subject: Option<String>,
}

/// A position in the list: time, stream, number.
pub type AuditCursor = (String, String, i64);

/// Returns matching entries, newest first, before a position; each with its hash and the user name of its account.
pub fn list(
    connection: &mut DbConnection,
    filter: &AuditFilter,
    before: Option<&AuditCursor>,
    limit: i64,
) -> Result<Vec<(AuditEntry, String, Option<String>)>, StorageError> {
    let mut query = audit::table
        .left_join(accounts::table.on(accounts::id.nullable().eq(audit::account_id)))
        .order((audit::at.desc(), audit::stream.desc(), audit::sequence.desc()))
        .limit(limit)
        .select((AuditRow::as_select(), accounts::username.nullable()))
        .into_boxed();
    if let Some(from) = &filter.from {
        query = query.filter(audit::at.ge(from));
    }
    if let Some(to) = &filter.to {
        query = query.filter(audit::at.lt(to));
    }
    if let Some(account) = filter.account {
        query = query.filter(audit::account_id.eq(account));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit::action.eq(action));
    }
    if let Some(kind) = &filter.subject_kind {
        query = query.filter(audit::subject_kind.eq(kind));
    }
    if let Some(subject) = &filter.subject {
        query = query.filter(audit::subject.eq(subject));
    }
    if let Some((at, stream, sequence)) = before {
        let of_stream = audit::stream.lt(stream).or(audit::stream.eq(stream).and(audit::sequence.lt(sequence)));
        query = query.filter(audit::at.lt(at).or(audit::at.eq(at).and(of_stream)));
    }
    let rows: Vec<(AuditRow, Option<String>)> = query.load(connection)?;
    let told = rows.into_iter().map(|(row, username)| {
        let (entry, hash) = row.into_entry();
        (entry, hash, username)
    });
    Ok(told.collect())
}

/// The column is still named `day`, because there used to be one head per day.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_heads, treat_none_as_default_value = false)]
struct AuditHeadRow {
    day: String,
    made_at: String,
    streams: i64,
    entries: i64,
    streams_hash: String,
    previous_hash: String,
    key_id: String,
    public_key: String,
    hash: String,
    signature: String,
}

impl AuditHeadRow {
    fn into_head(self) -> AuditHead {
        let Self { day, made_at, streams, entries, streams_hash, previous_hash, key_id, public_key, hash, signature } = self;
        AuditHead { period: day, made_at, streams, entries, streams_hash, previous_hash, key_id, public_key, hash, signature }
    }
}

/// Inserts a head with the stream ends that moved since the previous one.
///
/// # Errors
/// Only database errors, such as a conflict when the period has a head.
pub fn insert_head(connection: &mut DbConnection, head: &AuditHead, moved: &StreamEnds) -> Result<(), StorageError> {
    let AuditHead { period: day, made_at, streams, entries, streams_hash, previous_hash, key_id, public_key, hash, signature } =
        head.clone();
    let row = AuditHeadRow { day, made_at, streams, entries, streams_hash, previous_hash, key_id, public_key, hash, signature };
    diesel::insert_into(audit_heads::table).values(&row).execute(connection)?;
    for (stream, end) in moved {
        diesel::insert_into(audit_head_streams::table)
            .values((
                audit_head_streams::day.eq(&head.period),
                audit_head_streams::stream.eq(stream),
                audit_head_streams::sequence.eq(end.sequence),
                audit_head_streams::hash.eq(&end.hash),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Returns heads in the order of their periods, after one of them.
pub fn heads(connection: &mut DbConnection, after: Option<&str>, limit: i64) -> Result<Vec<AuditHead>, StorageError> {
    let mut query = audit_heads::table.order(audit_heads::day).limit(limit).select(AuditHeadRow::as_select()).into_boxed();
    if let Some(day) = after {
        query = query.filter(audit_heads::day.gt(day.to_owned()));
    }
    Ok(query.load(connection)?.into_iter().map(AuditHeadRow::into_head).collect())
}

/// Returns the number of heads after a period; of all heads without one.
pub fn count_heads(connection: &mut DbConnection, after: Option<&str>) -> Result<usize, StorageError> {
    let later = audit_heads::table.filter(audit_heads::day.gt(after.unwrap_or_default()));
    let count: i64 = later.count().get_result(connection)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Returns whether a period has a head.
pub fn has_head(connection: &mut DbConnection, period: &str) -> Result<bool, StorageError> {
    Ok(audit_heads::table.find(period).select(audit_heads::day).first::<String>(connection).optional()?.is_some())
}

/// Returns heads, newest first, before a period.
pub fn newest_heads(connection: &mut DbConnection, before: Option<&str>, limit: i64) -> Result<Vec<AuditHead>, StorageError> {
    let mut query = audit_heads::table.order(audit_heads::day.desc()).limit(limit).select(AuditHeadRow::as_select()).into_boxed();
    if let Some(day) = before {
        query = query.filter(audit_heads::day.lt(day.to_owned()));
    }
    Ok(query.load(connection)?.into_iter().map(AuditHeadRow::into_head).collect())
}

/// Returns the stream ends that moved up to the head of a period.
pub fn moved(connection: &mut DbConnection, day: &str) -> Result<StreamEnds, StorageError> {
    let rows: Vec<(String, i64, String)> = audit_head_streams::table
        .filter(audit_head_streams::day.eq(day))
        .select((audit_head_streams::stream, audit_head_streams::sequence, audit_head_streams::hash))
        .load(connection)?;
    Ok(rows.into_iter().map(|(stream, sequence, hash)| (stream, StreamEnd { sequence, hash })).collect())
}

/// Returns the number of the last entry of each stream that is covered by a head.
pub fn last_signed(connection: &mut DbConnection) -> Result<HashMap<String, i64>, StorageError> {
    let rows: Vec<(String, Option<i64>)> = audit_head_streams::table
        .group_by(audit_head_streams::stream)
        .select((audit_head_streams::stream, max(audit_head_streams::sequence)))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|(stream, sequence)| Some((stream, sequence?))).collect())
}
