//! Storage of timelines: entries are appended and read, never changed.

use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::timeline;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId, DocumentId, PetitionId};
use crate::petitions::rules::timeline::{ActorKind, Author, TimelineEntry};
use crate::petitions::rules::{Action, Status};
use diesel::prelude::*;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = timeline, treat_none_as_default_value = false)]
struct TimelineRow {
    petition_id: PetitionId,
    sequence: i32,
    at: Instant,
    action: Action,
    actor_kind: ActorKind,
    actor_id: Option<AccountId>,
    status: Status,
    agency_id: Option<AgencyId>,
    document_id: Option<DocumentId>,
    due_at: Instant,
    score: Option<i32>,
    is_public: bool,
    note: Option<String>,
    detail: String,
    chain_hash: String,
    hash_version: i32,
    facts: String,
    texts: String,
    salts: String,
}

impl TimelineRow {
    fn into_entry(self) -> (TimelineEntry, String) {
        let entry = TimelineEntry {
            petition_id: self.petition_id,
            sequence: self.sequence,
            at: self.at,
            action: self.action,
            author: Author { kind: self.actor_kind, account_id: self.actor_id },
            status: self.status,
            agency_id: self.agency_id,
            document_id: self.document_id,
            due_at: self.due_at,
            score: self.score,
            is_public: self.is_public,
            note: self.note,
            detail: self.detail,
            hash_version: self.hash_version,
            facts: self.facts,
            texts: self.texts,
            salts: self.salts,
        };
        (entry, self.chain_hash)
    }
}

/// Returns the account of the newest entry of an action; `None` without such an entry or without an account.
pub fn last_author(
    connection: &mut DbConnection,
    petition: PetitionId,
    action: Action,
) -> Result<Option<AccountId>, StorageError> {
    let steps = timeline::table.filter(timeline::petition_id.eq(petition)).filter(timeline::action.eq(action));
    let newest: Option<Option<AccountId>> =
        steps.order(timeline::sequence.desc()).select(timeline::actor_id).first(connection).optional()?;
    Ok(newest.flatten())
}

/// The last entry of a timeline, which the next one must follow.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct LastEntry {
    pub at: Instant,
    pub chain_hash: String,
    pub hash_version: i32,
}

/// Returns the entry with this number, which must be the last one.
///
/// # Errors
/// `Missing` when there is none, which means a broken database.
pub fn last(connection: &mut DbConnection, petition: PetitionId, sequence: i32) -> Result<LastEntry, StorageError> {
    Ok(timeline::table
        .filter(timeline::petition_id.eq(petition))
        .filter(timeline::sequence.eq(sequence))
        .select((timeline::at, timeline::chain_hash, timeline::hash_version))
        .first(connection)?)
}

/// Appends an entry after the last one (`None` for the first) and returns its hash.
///
/// # Errors
/// Database errors; one of them is a sequence number already in use.
pub fn append(connection: &mut DbConnection, entry: TimelineEntry, last: Option<&LastEntry>) -> Result<String, StorageError> {
    let previous = last.map_or("", |last| last.chain_hash.as_str());
    let chain_hash = entry.chain_hash(previous);
    let row = TimelineRow {
        petition_id: entry.petition_id,
        sequence: entry.sequence,
        at: entry.at,
        action: entry.action,
        actor_kind: entry.author.kind,
        actor_id: entry.author.account_id,
        status: entry.status,
        agency_id: entry.agency_id,
        document_id: entry.document_id,
        due_at: entry.due_at,
        score: entry.score,
        is_public: entry.is_public,
        note: entry.note,
        detail: entry.detail,
        chain_hash,
        hash_version: entry.hash_version,
        facts: entry.facts,
        texts: entry.texts,
        salts: entry.salts,
    };
    let statement = diesel::insert_into(timeline::table).values(&row);
    on_backend!(connection, either => statement.execute(either))?;
    Ok(row.chain_hash)
}

/// Returns the timeline of a petition in order, after `after`, each entry with its stored hash.
pub fn page(
    connection: &mut DbConnection,
    petition: PetitionId,
    public_only: bool,
    after: i32,
    limit: i64,
) -> Result<Vec<(TimelineEntry, String)>, StorageError> {
    let mut query = timeline::table
        .filter(timeline::petition_id.eq(petition))
        .filter(timeline::sequence.gt(after))
        .order(timeline::sequence)
        .limit(limit)
        .select(TimelineRow::as_select())
        .into_boxed();
    if public_only {
        query = query.filter(timeline::is_public.eq(true));
    }
    Ok(query.load(connection)?.into_iter().map(TimelineRow::into_entry).collect())
}

/// Returns one entry.
///
/// # Errors
/// `Missing` when there is none.
pub fn entry(connection: &mut DbConnection, petition: PetitionId, sequence: i32) -> Result<TimelineEntry, StorageError> {
    let row = timeline::table.filter(timeline::petition_id.eq(petition)).filter(timeline::sequence.eq(sequence));
    Ok(row.select(TimelineRow::as_select()).first(connection)?.into_entry().0)
}

/// Returns all timelines of a range of petitions, by petition and sequence, for `pakn verify`.
pub fn of_petitions(
    connection: &mut DbConnection,
    after: PetitionId,
    up_to: PetitionId,
) -> Result<Vec<(TimelineEntry, String)>, StorageError> {
    let rows: Vec<TimelineRow> = timeline::table
        .filter(timeline::petition_id.gt(after))
        .filter(timeline::petition_id.le(up_to))
        .order((timeline::petition_id, timeline::sequence))
        .select(TimelineRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(TimelineRow::into_entry).collect())
}

/// Returns every entry in a time range, in order of writing. Scans all timelines, so it is for administrators only.
pub fn between(connection: &mut DbConnection, from: Instant, to: Instant) -> Result<Vec<TimelineEntry>, StorageError> {
    let rows = timeline::table.filter(timeline::at.ge(from)).filter(timeline::at.lt(to)).order(timeline::id);
    let rows: Vec<TimelineRow> = rows.select(TimelineRow::as_select()).load(connection)?;
    Ok(rows.into_iter().map(|row| row.into_entry().0).collect())
}
