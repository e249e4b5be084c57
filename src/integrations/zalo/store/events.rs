//! Events of the webhook: stored once by their key, handled in the order of their arrival for each person.

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
    /// Row number; ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ZaloEventId,
    /// What a repetition is known by.
    pub dedupe_key: String,
    /// Who, at the Official Account.
    pub oa_user_id: String,
    /// Its kind.
    pub event_name: String,
    /// As it came; empty once it was handled.
    pub body: String,
    /// Where it stands.
    pub state: ZaloEventState,
    /// How often it was tried.
    pub attempts: i32,
    /// When its turn comes.
    pub due_at: Instant,
    /// Which instance has it in hand.
    pub holder: Option<String>,
    /// Until when.
    pub held_until: Option<Instant>,
    /// Why the last attempt failed, without personal data.
    pub problem: Option<String>,
    /// When it came.
    pub received_at: Instant,
    /// When it was handled or given up.
    pub settled_at: Option<Instant>,
}

impl ZaloEventRow {
    fn seal(&self) -> Result<Self, StorageError> {
        Ok(Self { body: vault::seal(SealedColumn::ZALO_EVENT, &self.dedupe_key, &self.body)?, ..self.clone() })
    }
}

/// Stores an event; false when it is there already.
pub fn insert(connection: &mut DbConnection, row: &ZaloEventRow) -> Result<bool, StorageError> {
    let sealed = row.seal()?;
    let statement = diesel::insert_into(zalo_events::table).values(&sealed).on_conflict_do_nothing();
    let added = on_backend!(connection, either => statement.execute(either))?;
    Ok(added == 1)
}

/// Takes events whose turn has come.
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

/// Stores what became of an event; false when another instance has taken it meanwhile.
pub fn settle(connection: &mut DbConnection, holder: &str, row: &ZaloEventRow) -> Result<bool, StorageError> {
    let mine = zalo_events::table
        .filter(zalo_events::id.eq(row.id))
        .filter(zalo_events::holder.eq(holder))
        .filter(zalo_events::state.eq(ZaloEventState::Due));
    let sealed = row.seal()?;
    Ok(diesel::update(mine).set(&sealed).execute(connection)? == 1)
}

/// How many stand in a state.
pub fn count(connection: &mut DbConnection, state: ZaloEventState) -> Result<i64, StorageError> {
    Ok(zalo_events::table.filter(zalo_events::state.eq(state)).count().get_result(connection)?)
}

/// Forgets handled events that nobody can repeat any more.
pub fn purge(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    let old = zalo_events::table.filter(zalo_events::settled_at.lt(before)).filter(zalo_events::state.eq(ZaloEventState::Done));
    Ok(diesel::delete(old).execute(connection)?)
}
