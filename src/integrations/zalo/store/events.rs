//! Webhook events: stored once by their key, handled in order of arrival per person.

use super::queue;
use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::zalo_events;
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::integrations::zalo::rules::ZaloEventState;
use crate::kernel::Instant;
use crate::kernel::ids::ZaloEventId;
use diesel::prelude::*;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = zalo_events, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ZaloEventRow {
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ZaloEventId,
    /// Deduplication key.
    pub dedupe_key: String,
    /// User id at the Official Account.
    pub oa_user_id: String,
    pub event_name: String,
    /// As received; empty once handled.
    pub body: String,
    pub state: ZaloEventState,
    pub attempts: i32,
    /// Time of the next attempt.
    pub due_at: Instant,
    /// The instance that has claimed the row.
    pub holder: Option<String>,
    /// When the claim expires.
    pub held_until: Option<Instant>,
    /// Failure reason of the last attempt, without personal data.
    pub problem: Option<String>,
    pub received_at: Instant,
    /// When it was handled or given up.
    pub settled_at: Option<Instant>,
}

impl ZaloEventRow {
    fn seal(&self) -> Result<Self, StorageError> {
        Ok(Self { body: vault::seal(SealedColumn::ZALO_EVENT, &self.dedupe_key, &self.body)?, ..self.clone() })
    }
}

/// Inserts an event; `false` when it already exists.
pub fn insert(connection: &mut DbConnection, row: &ZaloEventRow) -> Result<bool, StorageError> {
    let sealed = row.seal()?;
    let statement = diesel::insert_into(zalo_events::table).values(&sealed).on_conflict_do_nothing();
    let added = on_backend!(connection, either => statement.execute(either))?;
    Ok(added == 1)
}

/// Claims due events.
pub fn claim(
    connection: &mut DbConnection,
    holder: &str,
    now: Instant,
    until: Instant,
    limit: i64,
) -> Result<Vec<ZaloEventRow>, StorageError> {
    let ids: Vec<ZaloEventId> =
        queue::claim(connection, "zalo_events", holder, (now, until), limit)?.into_iter().map(ZaloEventId).collect();
    let rows = zalo_events::table.filter(zalo_events::id.eq_any(ids)).order(zalo_events::id);
    let rows: Vec<ZaloEventRow> = rows.select(ZaloEventRow::as_select()).load(connection)?;
    let open =
        |row: ZaloEventRow| Ok(ZaloEventRow { body: vault::open(SealedColumn::ZALO_EVENT, &row.dedupe_key, &row.body)?, ..row });
    rows.into_iter().map(open).collect()
}

/// Stores the result of an event; `false` when another instance has claimed it meanwhile.
pub fn settle(connection: &mut DbConnection, holder: &str, row: &ZaloEventRow) -> Result<bool, StorageError> {
    let mine = zalo_events::table
        .filter(zalo_events::id.eq(row.id))
        .filter(zalo_events::holder.eq(holder))
        .filter(zalo_events::state.eq(ZaloEventState::Due));
    let sealed = row.seal()?;
    Ok(diesel::update(mine).set(&sealed).execute(connection)? == 1)
}

/// Returns the number of events in a state.
pub fn count(connection: &mut DbConnection, state: ZaloEventState) -> Result<i64, StorageError> {
    Ok(zalo_events::table.filter(zalo_events::state.eq(state)).count().get_result(connection)?)
}

/// Deletes handled events that are older than Zalo's retries.
pub fn purge(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    let old = zalo_events::table.filter(zalo_events::settled_at.lt(before)).filter(zalo_events::state.eq(ZaloEventState::Done));
    Ok(diesel::delete(old).execute(connection)?)
}
