//! The table of conversation states.

use crate::db::columns::Json;
use crate::db::schema::zalo_conversations;
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::integrations::zalo::rules::{ConversationDraft, ConversationStep};
use crate::kernel::Instant;
use diesel::prelude::*;

/// One conversation.
#[derive(Clone, PartialEq)]
pub struct ConversationRow {
    /// User id at the Official Account.
    pub oa_user_id: String,
    /// The current question.
    pub step: ConversationStep,
    /// The collected data.
    pub draft: Json<ConversationDraft>,
    /// Last activity of the person.
    pub changed_at: Instant,
    /// When the person was last reminded; `None` after new activity.
    pub reminded_at: Option<Instant>,
}

/// The row as stored, sealed.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = zalo_conversations, treat_none_as_null = true, treat_none_as_default_value = false)]
struct SealedConversationRow {
    oa_user_id: String,
    step: ConversationStep,
    draft: String,
    changed_at: Instant,
    reminded_at: Option<Instant>,
}

impl ConversationRow {
    fn seal(&self) -> Result<SealedConversationRow, StorageError> {
        let draft = serde_json::to_string(&self.draft.0)
            .map_err(|_| StorageError::Query("a draft cannot be written as JSON".to_owned()))?;
        Ok(SealedConversationRow {
            draft: vault::seal(SealedColumn::ZALO_DRAFT, &self.oa_user_id, &draft)?,
            oa_user_id: self.oa_user_id.clone(),
            step: self.step,
            changed_at: self.changed_at,
            reminded_at: self.reminded_at,
        })
    }
}

impl SealedConversationRow {
    fn open(self) -> Result<ConversationRow, StorageError> {
        let SealedColumn { table, column, .. } = SealedColumn::ZALO_DRAFT;
        let draft = vault::open(SealedColumn::ZALO_DRAFT, &self.oa_user_id, &self.draft)?;
        let draft = serde_json::from_str(&draft)
            .map_err(|_| StorageError::Corrupt { table: table.to_owned(), column: column.to_owned() })?;
        let Self { oa_user_id, step, changed_at, reminded_at, .. } = self;
        Ok(ConversationRow { oa_user_id, step, draft: Json(draft), changed_at, reminded_at })
    }
}

/// Returns the conversation with a person.
pub fn find(connection: &mut DbConnection, oa_user_id: &str) -> Result<Option<ConversationRow>, StorageError> {
    let found = zalo_conversations::table.find(oa_user_id).select(SealedConversationRow::as_select());
    found.get_result(connection).optional()?.map(SealedConversationRow::open).transpose()
}

/// Stores a conversation.
pub fn put(connection: &mut DbConnection, row: &ConversationRow) -> Result<(), StorageError> {
    let present = zalo_conversations::table.find(&row.oa_user_id);
    let sealed = row.seal()?;
    if diesel::update(present).set(&sealed).execute(connection)? == 0 {
        diesel::insert_into(zalo_conversations::table).values(&sealed).execute(connection)?;
    }
    Ok(())
}

/// Returns open conversations to act on: with `is_reminded` those reminded at or before `before`, otherwise those
/// without activity since `before` that have not been reminded.
pub fn idle(
    connection: &mut DbConnection,
    before: Instant,
    is_reminded: bool,
    limit: i64,
) -> Result<Vec<ConversationRow>, StorageError> {
    let open = zalo_conversations::table
        .filter(zalo_conversations::step.ne(ConversationStep::Menu))
        .select(SealedConversationRow::as_select());
    let rows: QueryResult<Vec<SealedConversationRow>> = if is_reminded {
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
    rows?.into_iter().map(SealedConversationRow::open).collect()
}

/// Updates a conversation unless it was changed concurrently; returns whether it was updated.
pub fn replace(connection: &mut DbConnection, before: &ConversationRow, after: &ConversationRow) -> Result<bool, StorageError> {
    let same = zalo_conversations::table
        .filter(zalo_conversations::oa_user_id.eq(&before.oa_user_id))
        .filter(zalo_conversations::changed_at.eq(before.changed_at))
        .filter(zalo_conversations::step.eq(before.step));
    let sealed = after.seal()?;
    let changed = match before.reminded_at {
        None => diesel::update(same.filter(zalo_conversations::reminded_at.is_null())).set(&sealed).execute(connection)?,
        Some(at) => diesel::update(same.filter(zalo_conversations::reminded_at.eq(at))).set(&sealed).execute(connection)?,
    };
    Ok(changed == 1)
}
