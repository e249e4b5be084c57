//! Where each conversation stands.

use crate::domain::Instant;
use crate::domain::zalo::{Draft, Step};
use crate::storage::columns::Json;
use crate::storage::schema::zalo_conversations;
use crate::storage::{DbConnection, StorageError};
use diesel::prelude::*;

/// One conversation.
#[derive(Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = zalo_conversations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ConversationRow {
    /// With whom, at the Official Account.
    pub oa_user_id: String,
    /// What it waits for.
    pub step: Step,
    /// What was gathered.
    pub draft: Json<Draft>,
    /// When the person last did something.
    pub changed_at: Instant,
    /// When they were reminded since.
    pub reminded_at: Option<Instant>,
}

/// The conversation with a person, if there was one.
///
/// # Errors
/// Only those of the database.
pub fn find(connection: &mut DbConnection, oa_user_id: &str) -> Result<Option<ConversationRow>, StorageError> {
    let found = zalo_conversations::table.find(oa_user_id).select(ConversationRow::as_select());
    Ok(found.get_result(connection).optional()?)
}

/// Stores a conversation as it now stands.
///
/// # Errors
/// Only those of the database.
pub fn put(connection: &mut DbConnection, row: &ConversationRow) -> Result<(), StorageError> {
    let present = zalo_conversations::table.find(&row.oa_user_id);
    if diesel::update(present).set(row).execute(connection)? == 0 {
        diesel::insert_into(zalo_conversations::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Open ones in which nothing was said since `before`; `reminded` tells those that were reminded, since then, from those that were not.
///
/// # Errors
/// Only those of the database.
pub fn idle(
    connection: &mut DbConnection,
    before: Instant,
    is_reminded: bool,
    limit: i64,
) -> Result<Vec<ConversationRow>, StorageError> {
    let open = zalo_conversations::table.filter(zalo_conversations::step.ne(Step::Menu)).select(ConversationRow::as_select());
    let rows = if is_reminded {
        open.filter(zalo_conversations::reminded_at.le(before))
            .order(zalo_conversations::changed_at)
            .limit(limit)
            .load(connection)
    } else {
        open.filter(zalo_conversations::changed_at.le(before))
            .filter(zalo_conversations::reminded_at.is_null())
            .order(zalo_conversations::changed_at)
            .limit(limit)
            .load(connection)
    };
    Ok(rows?)
}

/// Stores a change that nobody else made meanwhile; false otherwise.
///
/// # Errors
/// Only those of the database.
pub fn replace(connection: &mut DbConnection, before: &ConversationRow, after: &ConversationRow) -> Result<bool, StorageError> {
    let same = zalo_conversations::table
        .filter(zalo_conversations::oa_user_id.eq(&before.oa_user_id))
        .filter(zalo_conversations::changed_at.eq(before.changed_at))
        .filter(zalo_conversations::step.eq(before.step));
    let changed = match before.reminded_at {
        None => diesel::update(same.filter(zalo_conversations::reminded_at.is_null())).set(after).execute(connection)?,
        Some(at) => diesel::update(same.filter(zalo_conversations::reminded_at.eq(at))).set(after).execute(connection)?,
    };
    Ok(changed == 1)
}
