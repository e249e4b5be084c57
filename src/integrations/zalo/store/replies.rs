//! Conversation replies: stored in the transaction of their turn, delivered in order, never sent twice.

use super::queue;
use crate::db::schema::zalo_replies;
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::delivery::rules::OutboxState;
use crate::kernel::Instant;
use crate::kernel::ids::ZaloReplyId;
use diesel::prelude::*;

/// One message.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = zalo_replies, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ZaloReplyRow {
    /// Ignored when inserting.
    #[diesel(skip_insertion)]
    pub id: ZaloReplyId,
    /// User id of the recipient at the Official Account.
    pub oa_user_id: String,
    /// Empty once delivered.
    pub text: String,
    pub state: OutboxState,
    pub attempts: i32,
    /// Whether an attempt may have arrived.
    pub is_uncertain: bool,
    /// Time of the next attempt.
    pub due_at: Instant,
    /// The instance that has claimed the row.
    pub holder: Option<String>,
    /// When the claim expires.
    pub held_until: Option<Instant>,
    /// Failure reason of the last attempt, without personal data.
    pub problem: Option<String>,
    /// Zalo's message id.
    pub reference: Option<String>,
    pub created_at: Instant,
    /// When it was delivered or given up.
    pub settled_at: Option<Instant>,
}

/// Inserts a message.
pub fn insert(connection: &mut DbConnection, oa_user_id: &str, text: &str, now: Instant) -> Result<(), StorageError> {
    let row = ZaloReplyRow {
        id: ZaloReplyId(0),
        oa_user_id: oa_user_id.to_owned(),
        text: vault::seal(SealedColumn::ZALO_REPLY, oa_user_id, text)?,
        state: OutboxState::Due,
        attempts: 0,
        is_uncertain: false,
        due_at: now,
        holder: None,
        held_until: None,
        problem: None,
        reference: None,
        created_at: now,
        settled_at: None,
    };
    diesel::insert_into(zalo_replies::table).values(&row).execute(connection)?;
    Ok(())
}

/// Claims due messages.
pub fn claim(
    connection: &mut DbConnection,
    holder: &str,
    now: Instant,
    until: Instant,
    limit: i64,
) -> Result<Vec<ZaloReplyRow>, StorageError> {
    let ids: Vec<ZaloReplyId> =
        queue::claim(connection, "zalo_replies", holder, (now, until), limit)?.into_iter().map(ZaloReplyId).collect();
    let rows = zalo_replies::table.filter(zalo_replies::id.eq_any(ids)).order(zalo_replies::id);
    let rows: Vec<ZaloReplyRow> = rows.select(ZaloReplyRow::as_select()).load(connection)?;
    let open =
        |row: ZaloReplyRow| Ok(ZaloReplyRow { text: vault::open(SealedColumn::ZALO_REPLY, &row.oa_user_id, &row.text)?, ..row });
    rows.into_iter().map(open).collect()
}

/// Extends the claim before an attempt and records that the message may arrive; `false` when another instance has
/// claimed it meanwhile.
pub fn begin_attempt(connection: &mut DbConnection, holder: &str, id: ZaloReplyId, until: Instant) -> Result<bool, StorageError> {
    let mine = zalo_replies::table
        .filter(zalo_replies::id.eq(id))
        .filter(zalo_replies::holder.eq(holder))
        .filter(zalo_replies::state.eq(OutboxState::Due));
    let begun = (zalo_replies::held_until.eq(Some(until)), zalo_replies::is_uncertain.eq(true));
    Ok(diesel::update(mine).set(begun).execute(connection)? == 1)
}

/// Stores the result of a message; `false` when another instance has claimed it meanwhile.
pub fn settle(connection: &mut DbConnection, holder: &str, row: &ZaloReplyRow) -> Result<bool, StorageError> {
    let mine = zalo_replies::table
        .filter(zalo_replies::id.eq(row.id))
        .filter(zalo_replies::holder.eq(holder))
        .filter(zalo_replies::state.eq(OutboxState::Due));
    let sealed = ZaloReplyRow { text: vault::seal(SealedColumn::ZALO_REPLY, &row.oa_user_id, &row.text)?, ..row.clone() };
    Ok(diesel::update(mine).set(&sealed).execute(connection)? == 1)
}

/// Returns the number of messages in a state.
pub fn count(connection: &mut DbConnection, state: OutboxState) -> Result<i64, StorageError> {
    Ok(zalo_replies::table.filter(zalo_replies::state.eq(state)).count().get_result(connection)?)
}

/// Deletes messages delivered or given up before a given time.
pub fn purge(connection: &mut DbConnection, before: Instant) -> Result<usize, StorageError> {
    Ok(diesel::delete(zalo_replies::table.filter(zalo_replies::settled_at.lt(before))).execute(connection)?)
}
